// Package secrets keeps what others entrust us with (tokens, passwords) unreadable
// at rest: AES-256-GCM under a keyset of which the primary key seals and every
// key opens, so that keys can be replaced without sealing anything anew.
package secrets

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keyset seals and opens secrets. It is safe for concurrent use.
type Keyset struct {
	handle *keyset.Handle
	aead   tink.AEAD
}

// ErrUnreadable is a secret that no key of the keyset opens, or one that belongs
// to something else.
var ErrUnreadable = errors.New("no key of the keyset opens this secret")

// New returns a keyset of one new key.
func New() (*Keyset, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return of(handle)
}

// Parse reads what Encode wrote. Its errors quote nothing of it.
func Parse(encoded string) (*Keyset, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("a keyset is base64 of Tink's JSON")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errors.New("a keyset is base64 of Tink's JSON with at least one enabled key")
	}
	return of(handle)
}

func of(handle *keyset.Handle) (*Keyset, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, errors.New("the keyset holds a key that is not for AEAD")
	}
	return &Keyset{handle, primitive}, nil
}

// Rotated returns the keyset with a new primary key. The older keys still open
// what they sealed.
func (k *Keyset) Rotated() (*Keyset, error) {
	manager := keyset.NewManagerFromHandle(k.handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = manager.SetPrimary(id)
	}
	if err != nil {
		return nil, fmt.Errorf("add a key: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("add a key: %w", err)
	}
	return of(handle)
}

// Encode returns the keyset itself in the clear, for Parse: whoever has it opens
// every secret.
func (k *Keyset) Encode() (string, error) {
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.handle, keyset.NewJSONWriter(&raw)); err != nil {
		return "", fmt.Errorf("write keyset: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw.Bytes()), nil
}

// Seal encrypts a secret. owner is what it belongs to, such as "mailbox:" and an
// id: a secret that is moved to another owner does not open there.
func (k *Keyset) Seal(plain []byte, owner string) ([]byte, error) {
	sealed, err := k.aead.Encrypt(plain, []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal returned for the same owner, or answers
// ErrUnreadable.
func (k *Keyset) Open(sealed []byte, owner string) ([]byte, error) {
	plain, err := k.aead.Decrypt(sealed, []byte(owner))
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}

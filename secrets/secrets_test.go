package secrets_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"switchboard/secrets"
)

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestASecretIsReadAgainByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	keys := must(secrets.New())(t)
	sealed := must(keys.Seal([]byte("hunter2"), "mailbox:1"))(t)
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Error("it is stored in the clear")
	}
	if got := must(keys.Open(sealed, "mailbox:1"))(t); string(got) != "hunter2" {
		t.Errorf("opened as %q", got)
	}
	sealed[len(sealed)-1] ^= 1
	for owner, secret := range map[string][]byte{
		"mailbox:1": sealed, "mailbox:2": must(keys.Seal([]byte("hunter2"), "mailbox:1"))(t), "": nil,
	} {
		if _, err := keys.Open(secret, owner); !errors.Is(err, secrets.ErrUnreadable) {
			t.Errorf("opened for %q: %v", owner, err)
		}
	}
}

func TestARotatedKeysetOpensWhatWasSealedBefore(t *testing.T) {
	t.Parallel()
	old := must(secrets.New())(t)
	before := must(old.Seal([]byte("hunter2"), "mailbox:1"))(t)
	encoded := must(must(old.Rotated())(t).Encode())(t)
	rotated := must(secrets.Parse(encoded))(t)
	if got := must(rotated.Open(before, "mailbox:1"))(t); string(got) != "hunter2" {
		t.Errorf("opened as %q", got)
	}
	after := must(rotated.Seal([]byte("hunter2"), "mailbox:1"))(t)
	if _, err := old.Open(after, "mailbox:1"); !errors.Is(err, secrets.ErrUnreadable) {
		t.Errorf("the new key is not in use: %v", err)
	}
}

func TestWhatIsNoKeysetIsRefusedWithoutBeingQuoted(t *testing.T) {
	t.Parallel()
	json := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, setting := range []string{"", "hunter2!", json("hunter2"), json("{}"), json(`{"primaryKeyId":7,"key":[]}`)} {
		_, err := secrets.Parse(setting)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

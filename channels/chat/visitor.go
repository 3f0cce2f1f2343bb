package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const (
	secretBytes = 32
	macBytes    = 16
)

// Visitors issues and recognises visitor tokens: a secret of 32 bytes and a code
// that binds it to its channel, in base64url. Nothing is stored for a visitor
// who only looks; of a visitor who writes only the token's SHA-256 is.
type Visitors struct {
	key []byte
}

// NewVisitors returns the visitors of an installation. With another key, and in
// another installation, their tokens are unknown.
func NewVisitors(key []byte) Visitors { return Visitors{key: key} }

// Issue returns a new visitor's token.
func (v Visitors) Issue(channelID string) string {
	secret := make([]byte, secretBytes)
	rand.Read(secret) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(append(secret, v.code(channelID, secret)...))
}

// Known reports whether the token was issued for the channel.
func (v Visitors) Known(channelID, token string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != secretBytes+macBytes {
		return false
	}
	secret, code := raw[:secretBytes], raw[secretBytes:]
	return hmac.Equal(code, v.code(channelID, secret))
}

func (v Visitors) code(channelID string, secret []byte) []byte {
	mac := hmac.New(sha256.New, v.key)
	mac.Write([]byte("visitor token\x00" + channelID + "\x00"))
	mac.Write(secret)
	return mac.Sum(nil)[:macBytes]
}

// ThreadKey is the thread of one visitor in one channel.
func ThreadKey(channelID, token string) string {
	digest := sha256.Sum256([]byte("thread\x00" + channelID + "\x00" + token))
	return hex.EncodeToString(digest[:])
}

// MessageKey makes a visitor's own id of a message unique in the channel.
func MessageKey(threadKey, clientID string) string { return threadKey + ":" + clientID }

// ClientID returns the visitor's own id of a message, "" of one that is not the
// thread's.
func ClientID(threadKey, messageKey string) string {
	id, ok := strings.CutPrefix(messageKey, threadKey+":")
	if !ok {
		return ""
	}
	return id
}

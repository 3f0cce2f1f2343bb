package chat

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const (
	secretBytes   = 32
	checksumBytes = 8
)

// The labels of a token's checksum.
const (
	firstToken       = "visitor"
	replacementToken = "visitor again"
)

// NewVisitorToken returns a new visitor's token: 32 secret bytes and a checksum
// that binds them to the channel, in base64url. Nothing is stored for a visitor
// who only looks; of one who writes, only the token's SHA-256 is.
func NewVisitorToken(channelID string) string { return newToken(firstToken, channelID) }

// NextVisitorToken returns a token that replaces a visitor's.
func NextVisitorToken(channelID string) string { return newToken(replacementToken, channelID) }

func newToken(label, channelID string) string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process first
	return base64.RawURLEncoding.EncodeToString(append(secret, checksum(label, channelID, secret)...))
}

// IsVisitorToken reports whether the token was made for the channel. The
// checksum needs no key: everybody may have a new token, and a made-up one opens
// nobody's thread, because threads are found by the whole secret.
func IsVisitorToken(channelID, token string) bool {
	return isToken(firstToken, channelID, token) || ReplacesToken(channelID, token)
}

// ReplacesToken reports whether the token was made for the channel to replace
// another; it opens nothing unless it is known.
func ReplacesToken(channelID, token string) bool { return isToken(replacementToken, channelID, token) }

func isToken(label, channelID, token string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != secretBytes+checksumBytes || len(token) != base64.RawURLEncoding.EncodedLen(len(raw)) {
		return false
	}
	return bytes.Equal(raw[secretBytes:], checksum(label, channelID, raw[:secretBytes]))
}

func checksum(label, channelID string, secret []byte) []byte {
	digest := sha256.Sum256(append([]byte(label+"\x00"+channelID+"\x00"), secret...))
	return digest[:checksumBytes]
}

// ThreadKey is the thread of one visitor in one channel, by the first token.
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

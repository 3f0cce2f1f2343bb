package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// secretPrefix makes leaked secrets recognisable.
const secretPrefix = "swbid_"

// NewIdentitySecret returns a secret with which a website vouches for its users.
// Its text is the key of the HMAC.
func NewIdentitySecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process first
	return secretPrefix + base64.RawURLEncoding.EncodeToString(secret)
}

// Vouches reports whether the hash is the subject's HMAC-SHA256 under the secret,
// in hex. It takes as long for a wrong one as for a right one.
func Vouches(secret, subject, hash string) bool {
	given, err := hex.DecodeString(hash)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(subject)) // never fails
	return hmac.Equal(given, mac.Sum(nil))
}

// Package webhook reads what Facebook delivers for pages
// (developers.facebook.com/docs/messenger-platform/webhooks): it verifies who
// sent it and takes every item of every entry out of it.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// SignatureHeader carries the signature of a body.
const SignatureHeader = "X-Hub-Signature-256"

const signaturePrefix = "sha256="

// Verify reports whether a signature is that of the raw body under our
// application's secret. Without a secret none is.
func Verify(body []byte, signature, appSecret string) bool {
	sum, err := hex.DecodeString(strings.TrimPrefix(signature, signaturePrefix))
	if err != nil || appSecret == "" || !strings.HasPrefix(signature, signaturePrefix) {
		return false
	}
	return hmac.Equal(sum, sumOf(body, appSecret))
}

// Sign returns the signature of a body.
func Sign(body []byte, appSecret string) string {
	return signaturePrefix + hex.EncodeToString(sumOf(body, appSecret))
}

func sumOf(body []byte, appSecret string) []byte {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return mac.Sum(nil)
}

// VerifyToken reports whether a token is the one that was agreed on for the check
// of the webhook's address. Without one none is.
func VerifyToken(given, agreed string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(agreed))
	return agreed != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

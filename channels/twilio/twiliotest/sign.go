// Package twiliotest makes webhooks as Twilio does, for tests.
package twiliotest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
)

// Sign returns the signature of a webhook to the address, by Twilio's words:
// twilio.com/docs/usage/webhooks/webhooks-security.
func Sign(token, address string, form url.Values) string {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		address += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

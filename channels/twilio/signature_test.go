package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/twilio"
	"switchboard/channels/twilio/twiliotest"
)

// The example of Twilio's own libraries.
const (
	token     = "12345"
	target    = "/myapp.php?foo=1&bar=2"
	signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
)

var form = url.Values{
	"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"},
	"Caller": {"+14158675309"}, "From": {"+14158675309"},
}

func TestOnlyWhatTwilioSignedIsValid(t *testing.T) {
	t.Parallel()
	body := []byte(form.Encode())
	altered := []byte(form.Encode() + "&Body=forged")
	for name, c := range map[string]struct {
		publicURL string
		tokens    []string
		target    string
		body      []byte
		signature string
		valid     bool
	}{
		"Twilio's example":        {"https://mycompany.com", []string{token}, target, body, signature, true},
		"a slash at the end":      {"https://mycompany.com/", []string{token}, target, body, signature, true},
		"the port that is HTTPS'": {"https://mycompany.com:443", []string{token}, target, body, signature, true},
		"the new of two tokens":   {"https://mycompany.com", []string{"new", token}, target, body, signature, true},
		"the old of two tokens":   {"https://mycompany.com", []string{token, "new"}, target, body, signature, true},
		"no second token":         {"https://mycompany.com", []string{token, ""}, target, body, signature, true},
		"another host":            {"https://elsewhere.com", []string{token}, target, body, signature, false},
		"another scheme":          {"http://mycompany.com", []string{token}, target, body, signature, false},
		"another query":           {"https://mycompany.com", []string{token}, "/myapp.php?foo=1&bar=3", body, signature, false},
		"another body":            {"https://mycompany.com", []string{token}, target, altered, signature, false},
		"another secret":          {"https://mycompany.com", []string{"54321"}, target, body, signature, false},
		"no signature":            {"https://mycompany.com", []string{token}, target, body, "", false},
		"no token at all":         {"https://mycompany.com", nil, target, body, twiliotest.Sign("", "https://mycompany.com"+target, form), false},
		"an empty token":          {"https://mycompany.com", []string{""}, target, body, twiliotest.Sign("", "https://mycompany.com"+target, form), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signatures := twilio.NewSignatures(c.publicURL, c.tokens...)
			require.Equal(t, c.valid, signatures.Valid(c.target, c.body, c.signature))
		})
	}
}

func TestRepeatsMayBeSignedOrNot(t *testing.T) {
	t.Parallel()
	// Twilio is given the whole address and requests it without the fragment.
	const path = "/webhooks/twilio/status?message=1&x=a%20b"
	signatures := twilio.NewSignatures("https://example.com/base", token)
	for _, address := range []string{"https://example.com/base" + path, "https://example.com/base" + path + twilio.Repeats} {
		signed := twiliotest.Sign(token, address, form)
		require.True(t, signatures.Valid(path, []byte(form.Encode()), signed), address)
		require.False(t, signatures.Valid("/webhooks/twilio/status?message=1&x=a+b", []byte(form.Encode()), signed),
			"the query is taken as it was requested")
	}
	other := twiliotest.Sign(token, "https://example.com/base"+path+"#rc=1", form)
	require.False(t, signatures.Valid(path, []byte(form.Encode()), other))
}

func TestJSONBodyIsSignedByItsDigest(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":1}`)
	digest := sha256.Sum256(body)
	path := "/hook?bodySHA256=" + hex.EncodeToString(digest[:])
	signatures := twilio.NewSignatures("https://example.com", token)
	signed := twiliotest.Sign(token, "https://example.com"+path, nil)
	require.True(t, signatures.Valid(path, body, signed))
	require.False(t, signatures.Valid(path, []byte(`{"a":2}`), signed))
}

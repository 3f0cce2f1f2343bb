package twilio

import (
	"strings"

	"github.com/twilio/twilio-go/client"
)

// SignatureHeader carries a webhook's signature.
const SignatureHeader = "X-Twilio-Signature"

// Repeats ends the address of a webhook: it asks Twilio to repeat what did not
// reach us (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
const Repeats = "#rc=5&rp=all"

// Signatures tells webhooks of Twilio from others
// (twilio.com/docs/usage/webhooks/webhooks-security).
type Signatures struct {
	publicURL  string
	validators []client.RequestValidator
}

// NewSignatures returns what checks webhooks that Twilio sends below publicURL.
// Several tokens are accepted while they are changed over; without one nothing is
// valid.
func NewSignatures(publicURL string, tokens ...string) *Signatures {
	s := &Signatures{publicURL: strings.TrimSuffix(publicURL, "/")}
	for _, token := range tokens {
		if token != "" { // anybody can sign with an empty key
			s.validators = append(s.validators, client.NewRequestValidator(token))
		}
	}
	return s
}

// Valid reports whether Twilio sent the body to the target, the path with its
// query as it was requested. What the request says of its host is not asked: who
// forwards it may have changed that. Twilio does not say whether it signs an
// address with its Repeats, which are not requested: either is valid.
func (s *Signatures) Valid(target string, body []byte, signature string) bool {
	for _, validator := range s.validators {
		for _, end := range []string{"", Repeats} {
			if validator.ValidateBody(s.publicURL+target+end, body, signature) {
				return true
			}
		}
	}
	return false
}

package channels

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// PhoneNumber reads a phone number with its country, "+1 555 123-4567", and
// returns it as E.164, "+15551234567". What has no "+", and a number that cannot
// exist, is not ok.
func PhoneNumber(text string) (number string, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "+") {
		return "", false
	}
	parsed, err := phonenumbers.Parse(text, phonenumbers.UNKNOWN_REGION)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

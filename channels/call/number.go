package call

import "github.com/nyaruka/phonenumbers"

// Number reads a phone number with its country code and returns it as E.164. A
// number that cannot exist is not ok.
func Number(text string) (number string, ok bool) {
	parsed, err := phonenumbers.Parse(text, phonenumbers.UNKNOWN_REGION)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

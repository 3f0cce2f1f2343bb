package routing

import (
	"crypto/subtle"
	"time"

	"switchboard/inbox"
)

const (
	// phoneCodeLasts is how long a code is good.
	phoneCodeLasts = 10 * time.Minute
	// phoneCodeTries is how often one code may be guessed.
	phoneCodeTries = 5
	// Calls cost money: an agent gets a code once a minute, and five a day.
	phoneCodePause  = time.Minute
	phoneCodesADay  = 5
	phoneCodePeriod = 24 * time.Hour
)

// PhoneCode returns the verification of a number by a new code; before is the
// agent's last one, zero for none. It is CodeRateLimited when the agent was
// called too often.
func PhoneCode(before inbox.PhoneVerification, number, codeHash string, at time.Time) (inbox.PhoneVerification, *inbox.Error) {
	next := inbox.PhoneVerification{
		AgentID: before.AgentID, Number: number, CodeHash: codeHash, Sent: before.Sent + 1, CountedFrom: before.CountedFrom,
		SentAt: at, ExpiresAt: at.Add(phoneCodeLasts),
	}
	if at.Sub(before.CountedFrom) >= phoneCodePeriod {
		next.Sent, next.CountedFrom = 1, at
	}
	switch {
	case at.Sub(before.SentAt) < phoneCodePause:
		return before, refusedCode("You were called less than a minute ago.", "Wait a minute.")
	case next.Sent > phoneCodesADay:
		return before, refusedCode("You were called too often today.", "Try again tomorrow.")
	}
	return next, nil
}

func refusedCode(detail, remedy string) *inbox.Error {
	return refusal(inbox.CodeRateLimited, detail, remedy)
}

// TryPhoneCode returns the verification after a try, and nil when the code proves
// the number, else why not, naming the field "code".
func TryPhoneCode(v inbox.PhoneVerification, codeHash string, at time.Time) (inbox.PhoneVerification, *inbox.Error) {
	switch {
	case v.CodeHash == "" || !at.Before(v.ExpiresAt):
		return v, inbox.Invalid("code", "This code has expired. Ask for another one.")
	case v.Tries >= phoneCodeTries:
		return v, inbox.Invalid("code", "There were too many tries. Ask for another code.")
	}
	v.Tries++
	if subtle.ConstantTimeCompare([]byte(v.CodeHash), []byte(codeHash)) != 1 {
		return v, inbox.Invalid("code", "This is not the code.")
	}
	return v, nil
}

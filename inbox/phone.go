package inbox

import "time"

// PhoneVerification is a number that an agent says is his, with the code that is
// called out there to prove it.
type PhoneVerification struct {
	AgentID string
	// Number is E.164.
	Number string
	// CodeHash is all that is kept of the code.
	CodeHash string
	// Tries counts what was tried on this code, Sent the codes since CountedFrom.
	Tries       int
	Sent        int
	CountedFrom time.Time
	SentAt      time.Time
	ExpiresAt   time.Time
}

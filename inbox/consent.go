package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// ConsentMode is whether contacts have to agree before their messages count (M8).
type ConsentMode string

const (
	// ConsentNone asks nothing.
	ConsentNone ConsentMode = "none"
	// ConsentExplicit holds messages back until the contact agrees.
	ConsentExplicit ConsentMode = "explicit"
	// ConsentImplicit tells the contact once and goes on.
	ConsentImplicit ConsentMode = "implicit"
)

// ConsentRule is what a channel asks of its contacts (M8).
type ConsentRule struct {
	Mode ConsentMode
	// Text is what the contact is asked or told; Button is what he presses, or
	// writes, to agree.
	Text, Button string
	// AskAgain: with a new Text, those who agreed to an earlier one are asked again.
	AskAgain bool
}

// Wording identifies the text: its SHA-256 in hex.
func (r ConsentRule) Wording() string {
	digest := sha256.Sum256([]byte(r.Text))
	return hex.EncodeToString(digest[:])
}

// AgreePayload is the payload of the button by which a contact agrees.
const AgreePayload = "consent:agree"

// Consent is what a contact agreed to, or was told, on a channel (M8).
type Consent struct {
	ID             string
	ContactID      string
	ChannelID      string
	ConversationID string
	// MessageID is the contact's message that agreed, or ours that told.
	MessageID string
	Mode      ConsentMode
	// Wording is ConsentRule.Wording of Text.
	Wording, Text string
	At            time.Time
}

// ConsentQuestion is what the consent of an episode depends on.
type ConsentQuestion struct {
	Now  time.Time
	Rule ConsentRule
	// Given is what the contact agreed to or was told on the channel, without Text.
	Given []Consent
	// Awaits: the episode began with a message that is held back.
	Awaits bool
	// Held is how many messages are, AgreedBy the one among them that agrees to what
	// was asked before it; "" is none.
	Held     int
	AgreedBy string
	// LastAsked is when the conversation was asked or told last, zero for never, by a
	// message that did not fail; AskedInEpisode says whether in this one.
	LastAsked      time.Time
	AskedInEpisode bool
}

// ConsentDecision answers a ConsentQuestion.
type ConsentDecision struct {
	// Pass: what is held back counts now, and the episode goes on.
	Pass bool
	// Record is how the contact agreed just now; "" did not.
	Record ConsentMode
	// Say: the contact is asked, or told.
	Say bool
}

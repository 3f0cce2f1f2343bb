package channels

import (
	"cmp"
	"unicode/utf8"

	"switchboard/inbox"
)

// Consenter is a kind that can ask contacts for their consent (M8).
type Consenter interface {
	// Consent returns the channel's rule.
	Consent(channel inbox.Channel) (inbox.ConsentRule, error)
}

// ConsentSettings are the part of a kind's settings called "consent" (M8).
type ConsentSettings struct {
	Mode inbox.ConsentMode `json:"mode"`
	// Text is what the contact is asked or told.
	Text string `json:"text"`
	// Button is what the contact presses, or writes, to agree.
	Button string `json:"button"`
	// AskAgain asks those again who agreed to an earlier Text.
	AskAgain bool `json:"ask_again"`
}

const (
	maxConsentText = 640
	// maxConsentButton is how long the title of a quick reply is at the most
	// (developers.facebook.com/docs/messenger-platform/send-messages/quick-replies).
	maxConsentButton = 20
)

// Check returns the settings with defaults filled in; errors name the field below
// "settings".
func (s ConsentSettings) Check() (ConsentSettings, error) {
	s.Mode = cmp.Or(s.Mode, inbox.ConsentNone)
	s.Text, s.Button = CleanText(s.Text), cmp.Or(CleanText(s.Button), "I agree")
	switch {
	case s.Mode != inbox.ConsentNone && s.Mode != inbox.ConsentExplicit && s.Mode != inbox.ConsentImplicit:
		return s, inbox.Invalid("settings.consent.mode", "The mode is one of none, explicit and implicit.")
	case s.Mode != inbox.ConsentNone && s.Text == "":
		return s, inbox.Invalid("settings.consent.text", "Contacts need a text to agree to.")
	case utf8.RuneCountInString(s.Text) > maxConsentText:
		return s, inbox.Invalid("settings.consent.text", "This text has at most %d characters.", maxConsentText)
	case utf8.RuneCountInString(s.Button) > maxConsentButton:
		return s, inbox.Invalid("settings.consent.button", "A button has at most %d characters.", maxConsentButton)
	}
	return s, nil
}

// Rule returns the settings as the rule they are.
func (s ConsentSettings) Rule() inbox.ConsentRule {
	return inbox.ConsentRule{Mode: s.Mode, Text: s.Text, Button: s.Button, AskAgain: s.AskAgain}
}

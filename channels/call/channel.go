// Package call is the call channel (P1 to P4): its settings, Twilio's webhooks of
// a call, and the documents that tell Twilio what to do with a caller.
package call

import (
	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// Queue is the task queue on which recordings are fetched.
const Queue = "twilio-calls"

// Channel is the call kind. Its zero value checks settings.
type Channel struct {
	// Twilio fetches recordings, and calls agents whose number is to be proved; nil
	// is no account.
	Twilio *twilio.Client
}

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindCall }

// CheckAddress implements channels.Addresser: a call is not answered in writing.
func (*Channel) CheckAddress(channels.Outgoing) error {
	refusal := inbox.Errorf(inbox.CodeCannotAnswerHere, "A call cannot be answered in writing.")
	refusal.Remedy = "Call back, or write to the contact on another channel."
	return refusal
}

// FetchQueue implements channels.Fetcher.
func (*Channel) FetchQueue(inbox.Channel) string { return Queue }

package channels

import (
	"slices"
	"strings"

	"switchboard/inbox"
)

// Punctual is a kind whose channels tell how soon an answer usually comes (C6).
type Punctual interface {
	// ReplyTime returns it in a sentence, in the language or, when that is "" or not
	// known, in the channel's; "" says nothing.
	ReplyTime(channel inbox.Channel, language string) (string, error)
}

// Vouched is a kind that can leave it to somebody else who its contacts are.
type Vouched interface {
	// OnlyVouched reports whether what a contact of the channel says about himself
	// makes him known by no address or number.
	OnlyVouched(channel inbox.Channel) (bool, error)
}

// Worded returns a chatflow with what its texts leave to the channel filled in.
func Worded(flow inbox.Chatflow, kind Kind, channel inbox.Channel) (inbox.Chatflow, error) {
	replyTime := ""
	if punctual, ok := kind.(Punctual); ok {
		var err error
		if replyTime, err = punctual.ReplyTime(channel, flow.Language); err != nil {
			return flow, err
		}
	}
	worded := func(text string) string {
		return strings.TrimSpace(strings.ReplaceAll(text, inbox.ReplyTimePlaceholder, replyTime))
	}
	flow.Greeting, flow.Steps = worded(flow.Greeting), slices.Clone(flow.Steps)
	for i, step := range flow.Steps {
		flow.Steps[i].Text, flow.Steps[i].RetryText = worded(step.Text), worded(step.RetryText)
	}
	return flow, nil
}

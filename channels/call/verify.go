package call

import (
	"context"
	"errors"
	"strings"

	api "github.com/twilio/twilio-go/rest/api/v2010"
	"github.com/twilio/twilio-go/twiml"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// CallOut calls a number and says a code, three times. Errors are
// *channels.SendError.
func (c *Channel) CallOut(ctx context.Context, from, to, code string) error {
	if c.Twilio == nil {
		return notSetUp(channels.Final)
	}
	document, err := CodeDocument(code)
	if err != nil {
		return &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Final, Err: err}
	}
	_, err = c.Twilio.API(ctx).CreateCall((&api.CreateCallParams{}).SetFrom(from).SetTo(to).SetTwiml(document))
	if err != nil {
		return twilio.Failed(err, channels.Unknown)
	}
	return nil
}

// CodeDocument says a code slowly.
func CodeDocument(code string) (string, error) {
	digits := strings.Join(strings.Split(code, ""), ", ")
	return document(
		twiml.VoicePause{Length: "1"},
		twiml.VoiceSay{Message: "Your code for Switchboard is " + digits + ".", Language: "en-US", Loop: "3"},
		twiml.VoiceHangup{},
	)
}

func notSetUp(outcome channels.Outcome) *channels.SendError {
	return &channels.SendError{
		Code: inbox.CodeProviderNotSetUp, Outcome: outcome, Err: errors.New("no account at Twilio is configured"),
	}
}

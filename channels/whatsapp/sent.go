package whatsapp

import (
	"context"
	"errors"
	"slices"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

const (
	// clockSkew is by how much Twilio's clock may be behind ours.
	clockSkew = 2 * time.Minute
	// lookedAt is how many of the latest messages to a contact are looked at.
	lookedAt = 100
)

// Sent implements channels.Reconciler. Twilio takes no id of ours that it would
// tell again, but for the address of the status callbacks: a callback is proof, and
// marks the message as sent before anybody asks (see intake.WhatsApp). Who still
// asks gets Twilio's list of what was sent to the contact since the message was
// written. A message in it whose id is not known as that of another of the thread,
// delivered or failed, nor of another part of the answer, and that says the same, is
// ours. When there is none at all, ours was not sent. Anything else nobody can tell,
// and it is not sent again.
//
// Twilio's status and error code say nothing of whose it is, and its dates are by
// another clock. So an equal text can be taken for ours that was created in the two
// minutes before ours was written, or since, under an id that nobody told us: one of
// another program with our number, or an earlier answer that stayed "unknown". Then
// ours counts as sent although it was not; none is sent twice.
func (c *Channel) Sent(ctx context.Context, out channels.Outgoing) (channels.Accepted, bool, error) {
	if refusal := c.CheckAddress(out); refusal != nil {
		return channels.Accepted{}, false, &channels.SendError{Code: inbox.CodeOf(refusal), Outcome: channels.Unknown, Err: refusal}
	}
	params := (&api.ListMessageParams{}).
		SetFrom(addressPrefix + out.Channel.Account).SetTo(recipient(out.Conversation)).SetPageSize(lookedAt)
	page, err := c.Twilio.API(ctx).PageMessage(params, "", "")
	if err != nil {
		return channels.Accepted{}, false, twilio.Failed(err, channels.Retry)
	}
	candidates, err := unexplained(page.Messages, out)
	if err != nil {
		return channels.Accepted{}, false, &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: err}
	}
	if len(candidates) == 0 && len(page.Messages) < lookedAt {
		return channels.Accepted{}, false, nil
	}
	var same []string
	for _, candidate := range candidates {
		if value(candidate.Body) == out.Message.Text && mayHaveFile(candidate, out.Message) {
			same = append(same, value(candidate.Sid))
		}
	}
	if len(same) != 1 {
		return channels.Accepted{}, false, &channels.SendError{
			Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: errors.New("nobody can tell which message at Twilio is ours"),
		}
	}
	return channels.Accepted{ProviderMessageID: same[0]}, true, nil
}

// unexplained are the messages of a list that may be ours: sent since it was
// written, and not known as another of the thread.
func unexplained(messages []api.ApiV2010Message, out channels.Outgoing) ([]api.ApiV2010Message, error) {
	var candidates []api.ApiV2010Message
	for _, m := range messages {
		created, err := time.Parse(time.RFC1123Z, value(m.DateCreated))
		switch {
		case err != nil || value(m.Sid) == "":
			return nil, errors.New("a message at Twilio has no date or no id")
		case created.Before(out.Message.CreatedAt.Add(-clockSkew)), slices.Contains(out.References, *m.Sid):
			continue
		}
		candidates = append(candidates, m)
	}
	return candidates, nil
}

// mayHaveFile is false for a message with a file when ours has none. The other way
// round nobody knows: Twilio may count a file when it has fetched it.
func mayHaveFile(candidate api.ApiV2010Message, ours inbox.Message) bool {
	return len(ours.Attachments) > 0 || value(candidate.NumMedia) == "" || value(candidate.NumMedia) == "0"
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

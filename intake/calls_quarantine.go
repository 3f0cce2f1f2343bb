package intake

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"switchboard/channels/call"
	"switchboard/inbox"
	"switchboard/store"
)

// QuarantinedCall is the source of webhooks about calls in quarantine. An item is
// the address's query, a line end, and the body.
const QuarantinedCall = "twilio/voice"

// unheard is a webhook that cannot be taken in, with what its caller gets instead.
type unheard struct {
	channelID, reason string
	// document is Twilio's answer.
	document func() (string, error)
}

func (u *unheard) Error() string { return u.reason }

// quarantine keeps a webhook that was not taken in (B9), and returns what its
// caller gets.
func (c *Calls) quarantine(ctx context.Context, query string, body []byte, refusal *unheard) (string, error) {
	item, err := c.service.store.AddQuarantine(ctx, store.QuarantineItem{
		ChannelID: refusal.channelID, Source: QuarantinedCall, Raw: append([]byte(query+"\n"), body...), Error: refusal.reason,
	})
	if err != nil {
		return "", fmt.Errorf("keep a call's webhook in quarantine: %w", err)
	}
	c.service.log.WarnContext(ctx, "call in quarantine", "channel_id", refusal.channelID, "quarantine_id", item.ID)
	return refusal.document()
}

// Reprocess reads a webhook from quarantine once more: a call becomes one that was
// missed, a recording voicemail. What still cannot be taken in, or asked what to do
// with a caller who is gone now, is CodeInvalid.
func (c *Calls) Reprocess(ctx context.Context, item store.QuarantineItem) error {
	query, body, _ := strings.Cut(string(item.Raw), "\n")
	webhook, form, err := c.read(ctx, query, []byte(body))
	if err == nil {
		switch webhook.Step {
		case call.StepCome, call.StepRecording:
			_, err = c.take(ctx, webhook, form, item.CreatedAt)
		default:
			err = &unheard{reason: "the caller is gone"}
		}
	}
	if refusal, ok := errors.AsType[*unheard](err); ok {
		return inbox.Errorf(inbox.CodeInvalid, "The call still cannot be taken in: %s.", refusal.reason)
	}
	return err
}

// read reads a webhook. One that says nothing we know is *unheard: a caller whose
// call we have is asked for again, anybody else hears an apology.
func (c *Calls) read(ctx context.Context, query string, body []byte) (call.Webhook, url.Values, error) {
	asked, queryErr := url.ParseQuery(query)
	form, formErr := url.ParseQuery(string(body))
	if errors.Join(queryErr, formErr) != nil {
		return call.Webhook{}, nil, &unheard{reason: "it is no form", document: call.Apologise}
	}
	webhook, err := call.Parse(asked, form)
	if err == nil {
		return webhook, form, nil
	}
	refusal := &unheard{reason: err.Error(), document: call.Apologise}
	running, err := c.service.store.Call(ctx, form.Get("CallSid"))
	if err == nil {
		refusal.channelID = running.ChannelID
		refusal.document = call.Document{URL: c.url}.Wait
	} else if inbox.CodeOf(err) != inbox.CodeNotFound {
		return call.Webhook{}, nil, err
	}
	return call.Webhook{}, nil, refusal
}

// take takes a webhook in that came at a time.
func (c *Calls) take(ctx context.Context, webhook call.Webhook, form url.Values, at time.Time) (string, error) {
	if webhook.Step == call.StepCome && !webhook.Over {
		return c.come(ctx, webhook, form, at)
	}
	running, err := c.service.store.Call(ctx, webhook.CallID)
	switch {
	case err == nil:
		return c.goOn(ctx, running, webhook)
	case inbox.CodeOf(err) != inbox.CodeNotFound:
		return "", err
	case webhook.Step == call.StepRecording:
		return "", &unheard{reason: "there is no such call", document: call.Nothing}
	case webhook.Over:
		return call.Nothing() // one that was rejected
	default:
		return "", &unheard{reason: "there is no such call", document: call.Apologise}
	}
}

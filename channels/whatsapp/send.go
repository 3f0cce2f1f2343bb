package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// Queue is the task queue of what leaves by Twilio for WhatsApp.
const Queue = "whatsapp"

// maxText is the longest text that Twilio takes, in characters.
const maxText = 1600

// Queue implements channels.Sender.
func (*Channel) Queue(inbox.Channel) string { return Queue }

// CheckAddress implements channels.Addresser.
func (c *Channel) CheckAddress(out channels.Outgoing) error {
	switch {
	case c.Twilio == nil:
		refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no account at Twilio.")
		refusal.Remedy = "Ask the administrator to set SWITCHBOARD_TWILIO_ACCOUNT_SID and SWITCHBOARD_TWILIO_AUTH_TOKEN."
		return refusal
	case recipient(out.Conversation) == "":
		return inbox.Errorf(inbox.CodeNoReplyAddress, "Nobody knows the contact's WhatsApp id any more.")
	case out.Message.Template == nil && utf8.RuneCountInString(out.Message.Text) > maxText:
		return inbox.Errorf(inbox.CodeTooLarge, "A WhatsApp message has at most %d characters.", maxText)
	}
	return checkFiles(out.Message.Attachments)
}

// recipient is whom the conversation's answers go to: its thread is with one
// WhatsApp id. "" is nobody.
func recipient(conversation inbox.Conversation) string {
	number, id, _ := strings.Cut(conversation.ThreadKey, ":")
	switch {
	case !strings.HasPrefix(number, "+"):
		return "" // the contact was erased
	case digits.MatchString(id):
		return addressPrefix + "+" + id
	case userID.MatchString(id):
		return addressPrefix + id
	default:
		return ""
	}
}

// Send implements channels.Sender: a text, a file, or an approved template. Twilio is told
// our id of the message, and which part of it, in the address of its status callbacks,
// so that these are understood even when its answer is lost.
func (c *Channel) Send(ctx context.Context, out channels.Outgoing) (channels.Accepted, error) {
	if refusal := c.CheckAddress(out); refusal != nil {
		return channels.Accepted{}, &channels.SendError{Code: inbox.CodeOf(refusal), Outcome: channels.Final, Err: refusal}
	}
	params := (&api.CreateMessageParams{}).
		SetFrom(addressPrefix + out.Channel.Account).
		SetTo(recipient(out.Conversation)).
		SetStatusCallback(c.StatusURL + "?" + statusQuery(out).Encode() + twilio.Repeats)
	if template := out.Message.Template; template != nil {
		variables, err := json.Marshal(template.Variables)
		if err != nil {
			return channels.Accepted{}, &channels.SendError{
				Code: inbox.CodeInternal, Outcome: channels.Final, Err: fmt.Errorf("write the template's variables: %w", err),
			}
		}
		params.SetContentSid(template.ID)
		if len(template.Variables) > 0 {
			params.SetContentVariables(string(variables))
		}
	} else {
		if out.Message.Text != "" {
			params.SetBody(out.Message.Text)
		}
		if files := c.mediaOf(out.Message); len(files) > 0 {
			params.SetMediaUrl(files)
		}
	}
	message, err := c.Twilio.API(ctx).CreateMessage(params)
	if err != nil {
		return channels.Accepted{}, twilio.Failed(err, channels.Unknown)
	}
	if message.Sid == nil {
		return channels.Accepted{}, twilio.Failed(errors.New("the answer names no message"), channels.Unknown)
	}
	return channels.Accepted{ProviderMessageID: *message.Sid}, nil
}

// statusQuery is what Twilio tells again with every status.
func statusQuery(out channels.Outgoing) url.Values {
	query := url.Values{"message": {out.Message.ID}}
	if out.Part > 0 {
		query.Set("part", strconv.Itoa(out.Part))
	}
	return query
}

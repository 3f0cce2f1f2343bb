package messenger

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"switchboard/channels"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

// Limits of a message (developers.facebook.com/docs/messenger-platform/reference/send-api).
const (
	// maxText is in UTF-16 units, of which a character has one or two.
	maxText         = 1999
	maxQuickReplies = 13
	maxTitle        = 20
	maxPayload      = 1000
)

const (
	// echoWithin is how long an echo may take to tell what became of a call
	// without an answer.
	echoWithin = 10 * time.Minute
	// askAgain is how long to wait for the echo.
	askAgain = 20 * time.Second
)

// length is a text's in UTF-16 units.
func length(text string) int { return len(utf16.Encode([]rune(text))) }

// CheckAddress implements channels.Addresser. It also refuses what Facebook would.
func (*Channel) CheckAddress(out channels.Outgoing) error {
	if contactID(out) == "" {
		return inbox.Errorf(inbox.CodeNoReplyAddress, "The contact did not write by Messenger.")
	}
	m := out.Message
	switch {
	case m.Text == "" && len(m.Attachments) == 0:
		return inbox.Invalid("text", "A Messenger message needs a text or a file.")
	case length(m.Text) > maxText:
		refusal := inbox.Errorf(inbox.CodeTooLarge, "A Messenger message has at most %d characters.", maxText)
		refusal.Field, refusal.Remedy = "text", "Send it in parts."
		return refusal
	case len(m.QuickReplies) > maxQuickReplies:
		return inbox.Invalid("quick_replies", "A Messenger message has at most %d buttons.", maxQuickReplies)
	}
	for _, button := range m.QuickReplies {
		if button.Title == "" || length(button.Title) > maxTitle || button.Payload == "" || length(button.Payload) > maxPayload {
			return inbox.Invalid("quick_replies", "A button has a title of at most %d and a payload of at most %d characters.",
				maxTitle, maxPayload)
		}
	}
	return checkFiles(m.Attachments)
}

// contactID is the page-scoped id of the person that the conversation is with; ""
// is none.
func contactID(out channels.Outgoing) string {
	_, id, _ := strings.Cut(out.Conversation.ThreadKey, ":")
	return id
}

type message struct {
	Text         string       `json:"text,omitempty"`
	Attachment   *attachment  `json:"attachment,omitempty"`
	QuickReplies []quickReply `json:"quick_replies,omitempty"`
	// Metadata comes back in the echo.
	Metadata string `json:"metadata"`
}

type quickReply struct {
	ContentType string `json:"content_type"`
	Title       string `json:"title"`
	Payload     string `json:"payload"`
}

type sending struct {
	Recipient struct {
		ID string `json:"id"`
	} `json:"recipient"`
	MessagingType string  `json:"messaging_type"`
	Tag           string  `json:"tag,omitempty"`
	Message       message `json:"message"`
}

// compose returns what is sent, but for a file. Within the standard window everything is an
// answer; after it a person's answer carries the tag, and nothing else leaves
// (M7, B11).
func compose(out channels.Outgoing) (sending, error) {
	s := sending{MessagingType: "RESPONSE", Message: message{Metadata: metadata(out)}}
	switch {
	case out.Window.State == inbox.WindowOpen:
	case out.Window.State == inbox.WindowHumanAgent && out.Message.Author.Kind == inbox.AuthorAgent:
		s.MessagingType, s.Tag = "MESSAGE_TAG", "HUMAN_AGENT"
	case out.Window.State == inbox.WindowHumanAgent:
		return s, inbox.Errorf(inbox.CodeHumanAgentOnly, "Only a person may answer now.")
	default:
		return s, inbox.Errorf(inbox.CodeWindowClosed, "The messaging window has closed.")
	}
	s.Recipient.ID = contactID(out)
	s.Message.Text = out.Message.Text
	for _, button := range out.Message.QuickReplies {
		s.Message.QuickReplies = append(s.Message.QuickReplies, quickReply{"text", button.Title, button.Payload})
	}
	return s, nil
}

// Send implements channels.Sender.
func (c *Channel) Send(ctx context.Context, out channels.Outgoing) (channels.Accepted, error) {
	s, err := compose(out)
	if err != nil {
		return channels.Accepted{}, &channels.SendError{Code: inbox.CodeOf(err), Outcome: channels.Final, Err: err}
	}
	page, err := c.Pages.Token(ctx, out.Channel.ID)
	if err != nil {
		// Somebody will connect the page again.
		return channels.Accepted{}, &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	}
	if len(out.Files) > 0 {
		if s.Message.Attachment, err = c.upload(ctx, page, out.Files[0]); err != nil {
			return channels.Accepted{}, c.refusedFor(ctx, page, err, notSent(err))
		}
	}
	var answer struct {
		MessageID string `json:"message_id"`
	}
	err = c.API.Do(ctx, graph.Call{
		Method: http.MethodPost, Path: []string{page.ID, "messages"}, Token: page.Token, Body: s,
	}, &answer)
	if err == nil && answer.MessageID == "" {
		err = errors.New("facebook gave the message no id")
	}
	if err == nil {
		return channels.Accepted{ProviderMessageID: answer.MessageID}, nil
	}
	return channels.Accepted{}, c.refusedFor(ctx, page, err, failed(err))
}

// refusedFor returns how a call failed, and says that a page lets us in no longer.
func (c *Channel) refusedFor(ctx context.Context, page Page, err error, failure *channels.SendError) error {
	if refusal, ok := errors.AsType[*graph.Error](err); ok && refusal.TokenRejected() {
		if rejected := c.Pages.Rejected(context.WithoutCancel(ctx), page); rejected != nil {
			failure.Err = errors.Join(err, rejected)
		}
	}
	return failure
}

// Sent implements channels.Reconciler. Facebook cannot be asked for a message by
// our id: the echo brings it, and marks the message as sent (see
// intake.Messenger). Whoever still asks waits for it, and after a while nobody can
// tell.
func (*Channel) Sent(_ context.Context, out channels.Outgoing) (channels.Accepted, bool, error) {
	outcome := channels.Unknown
	if time.Since(out.TriedAt) < echoWithin {
		outcome = channels.Retry
	}
	return channels.Accepted{}, false, &channels.SendError{
		Code: inbox.CodeDeliveryUnknown, Outcome: outcome, RetryAfter: askAgain,
		Err: errors.New("no echo of the message has come"),
	}
}

// failed is the one table from what Facebook says to a failed try.
func failed(err error) *channels.SendError {
	if errors.Is(err, graph.ErrNotReached) {
		return &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	}
	refusal, ok := errors.AsType[*graph.Error](err)
	if !ok || refusal.Code == 0 && refusal.Status >= http.StatusInternalServerError {
		// It may have been sent, or be under way.
		return &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, RetryAfter: askAgain, Err: err}
	}
	failure := &channels.SendError{Outcome: channels.Final, Err: err}
	for _, known := range refusals {
		if known.code == refusal.Code && (known.subcode == 0 || known.subcode == refusal.Subcode) {
			failure.Code, failure.Outcome = known.means, known.outcome
			break
		}
	}
	failure.Code = cmp.Or(failure.Code, inbox.CodeDeliveryFailed)
	if refusal.Throttled() {
		failure.Code, failure.Outcome, failure.RetryAfter = inbox.CodeRateLimited, channels.Retry, cmp.Or(refusal.After, throttledFor)
	}
	return failure
}

// throttledFor is how long to wait when Facebook does not say.
const throttledFor = time.Minute

// refusals are Facebook's numbers (docs/messenger.md says the same in words), the
// first that fits; subcode 0 is any. A window is told by its subcode only: the code
// is that of permissions.
var refusals = []struct {
	code, subcode int
	means         inbox.Code
	outcome       channels.Outcome
}{
	{10, 2018278, inbox.CodeWindowClosed, channels.Final},
	{10, 2534022, inbox.CodeWindowClosed, channels.Final},
	{10, 2018108, inbox.CodeContactUnreachable, channels.Final},
	{10, 2018300, inbox.CodeOtherApp, channels.Final},
	{10, 2018065, inbox.CodePermissionMissing, channels.Final},
	{10, 0, inbox.CodePermissionMissing, channels.Final},
	{100, 2018001, inbox.CodeContactUnreachable, channels.Final},
	{190, 0, inbox.CodeUnavailable, channels.Retry},
	{200, 2018028, inbox.CodePermissionMissing, channels.Final},
	{200, 0, inbox.CodePermissionMissing, channels.Final},
	{551, 0, inbox.CodeContactUnreachable, channels.Final},
	{1, 0, inbox.CodeUnavailable, channels.Retry},
	{2, 0, inbox.CodeUnavailable, channels.Retry},
	{1200, 0, inbox.CodeUnavailable, channels.Retry},
}

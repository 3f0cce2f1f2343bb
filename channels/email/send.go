package email

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// Task queues of the mailboxes whose provider limits how fast mail leaves.
const (
	GmailQueue     = "switchboard-gmail"
	Office365Queue = "switchboard-office365"
)

// lookUpAfter is how long a provider may still work on a message whose
// connection broke: looked up earlier, it might seem not to be there.
const lookUpAfter = time.Minute

// Queue implements channels.Sender.
func (*Channel) Queue(channel inbox.Channel) string {
	switch channel.Provider {
	case inbox.ProviderGmail:
		return GmailQueue
	case inbox.ProviderOffice365:
		return Office365Queue
	default:
		return mail.Queue
	}
}

// CheckAddress implements channels.Addresser. Automatic mail never goes to an
// address of ours (B10).
func (c *Channel) CheckAddress(out channels.Outgoing) error {
	to := recipient(out)
	if to == "" {
		refusal := inbox.Errorf(inbox.CodeNoReplyAddress, "Nobody knows the contact's e-mail address.")
		refusal.Remedy = "Add an e-mail address to the contact."
		return refusal
	}
	_, _, hosted := ParseHosted(to, c.Domain)
	if out.Message.Author.Kind == inbox.AuthorAutomation && (hosted || strings.EqualFold(to, out.Channel.Account)) {
		return inbox.Errorf(inbox.CodeNoReplyAddress, "Automatic mail does not go to an address of our own.")
	}
	return nil
}

// Send implements channels.Sender: the answer leaves through the channel's
// mailbox, or by SMTP.
func (c *Channel) Send(ctx context.Context, out channels.Outgoing) (channels.Accepted, error) {
	m, err := c.compose(out)
	if err != nil {
		return channels.Accepted{}, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Final, Err: err}
	}
	return c.leave(ctx, out.Channel, m, out.Message.CreatedAt)
}

// SendMail makes one try to send a mail from the channel's address, which is no
// answer of a conversation of its own, such as a chat's transcript (C10). Errors are
// as Send's.
func (c *Channel) SendMail(ctx context.Context, channel inbox.Channel, m mail.Mail, composedAt time.Time) error {
	m.From = channel.Account
	_, err := c.leave(ctx, channel, m, composedAt)
	return err
}

func (c *Channel) leave(ctx context.Context, channel inbox.Channel, m mail.Mail, composedAt time.Time) (channels.Accepted, error) {
	raw, err := m.Raw()
	if err != nil {
		return channels.Accepted{}, &channels.SendError{
			Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: fmt.Errorf("build mail: %w", err),
		}
	}
	box, err := c.mailbox(ctx, channel)
	if err != nil {
		return channels.Accepted{}, failed(err, channels.Retry)
	}
	if box == nil {
		return channels.Accepted{}, c.Mail.SendRaw(ctx, m.EnvelopeFrom(), m.To, raw)
	}
	accepted, err := box.Send(ctx, mailbox.Outgoing{
		Raw: raw, From: m.EnvelopeFrom(), To: m.To, MessageID: m.MessageID, InReplyTo: m.InReplyTo,
		ComposedAt: composedAt,
	})
	if err != nil {
		failure := *failed(err, channels.Unknown)
		if failure.Outcome == channels.Unknown {
			failure.RetryAfter = lookUpAfter
		}
		return channels.Accepted{}, &failure
	}
	return channels.Accepted{ProviderMessageID: accepted.MessageID}, nil
}

// Sent implements channels.Reconciler. SMTP cannot be asked.
func (c *Channel) Sent(ctx context.Context, out channels.Outgoing) (channels.Accepted, bool, error) {
	box, err := c.mailbox(ctx, out.Channel)
	if err != nil {
		return channels.Accepted{}, false, failed(err, channels.Retry)
	}
	if box == nil {
		return channels.Accepted{}, false, failed(errors.New("SMTP does not tell what became of a mail"), channels.Unknown)
	}
	accepted, found, err := box.Sent(ctx, mailbox.Outgoing{
		MessageID: c.messageID(out.Message.ProviderMessageID), ComposedAt: out.Message.CreatedAt,
	})
	if err != nil {
		return channels.Accepted{}, false, failed(err, channels.Retry)
	}
	return channels.Accepted{ProviderMessageID: accepted.MessageID}, found, nil
}

// mailbox is the channel's own way out; nil is SMTP.
func (c *Channel) mailbox(ctx context.Context, channel inbox.Channel) (mailbox.Sender, error) {
	switch {
	case channel.Provider == inbox.ProviderNone:
		return nil, nil
	case c.Mailboxes == nil:
		return nil, errors.New("no mailbox can be connected here")
	default:
		return c.Mailboxes.SenderFor(ctx, channel.ID)
	}
}

// failed is the one table from what a mailbox says to a failed try:
//
//   - *channels.SendError stays as it is;
//   - mailbox.ErrRejected is Retry: somebody will connect the mailbox again;
//   - *mailbox.Throttled is Retry, when the provider wishes;
//   - everything else is the outcome given: Unknown once the message may have
//     left, Retry before and when it is only looked up.
func failed(err error, otherwise channels.Outcome) *channels.SendError {
	if failure, ok := errors.AsType[*channels.SendError](err); ok {
		return failure
	}
	failure := &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	throttled, ok := errors.AsType[*mailbox.Throttled](err)
	switch {
	case ok:
		failure.Code, failure.RetryAfter = inbox.CodeRateLimited, throttled.After
	case errors.Is(err, mailbox.ErrRejected):
	case otherwise == channels.Unknown:
		failure.Code, failure.Outcome = inbox.CodeDeliveryUnknown, channels.Unknown
	}
	return failure
}

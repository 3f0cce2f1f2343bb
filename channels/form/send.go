package form

import (
	"cmp"
	"context"
	"strings"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// Mailer sends mail; *mail.Sender is one.
type Mailer interface {
	Send(ctx context.Context, m mail.Mail) error
}

// Queue implements channels.Sender: answers leave by mail.
func (*Channel) Queue(inbox.Channel) string { return mail.Queue }

// CheckAddress implements channels.Addresser.
func (*Channel) CheckAddress(out channels.Outgoing) error {
	if out.Conversation.ReplyTo != "" {
		return nil
	}
	refusal := inbox.Errorf(inbox.CodeNoReplyAddress, "The submitter left no e-mail address.")
	refusal.Remedy = "Add an e-mail field to the form, so that later submissions can be answered."
	return refusal
}

// Send implements channels.Sender: the answer goes to the submitter by mail, in
// one thread with the earlier ones (F2).
func (c *Channel) Send(ctx context.Context, out channels.Outgoing) (channels.Accepted, error) {
	settings, err := ReadSettings(out.Channel.Settings)
	if err != nil {
		return channels.Accepted{}, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Final, Err: err}
	}
	from := cmp.Or(settings.From.Address, c.from)
	// The submitter's mails in the thread have ids of their own. The submission's,
	// which nobody was sent, is the root that keeps a thread's answers together.
	domain := from[strings.LastIndex(from, "@")+1:]
	answer := mail.Mail{
		From: from, FromName: cmp.Or(settings.From.Name, out.Account.Name),
		To:        out.Conversation.ReplyTo,
		Subject:   mail.ReplySubject(out.Conversation.Subject),
		Text:      out.Message.Text,
		HTML:      channels.SafeHTML(out.Message.HTML),
		MessageID: mail.MessageID(out.Message.ProviderMessageID, domain),
		Automatic: out.Message.Author.Kind == inbox.AuthorAutomation,
	}
	for _, file := range out.Files {
		answer.Attachments = append(answer.Attachments, mail.Attachment(file))
	}
	for _, earlier := range out.References {
		answer.InReplyTo = mail.MessageID(earlier, domain)
		answer.References = append(answer.References, answer.InReplyTo)
	}
	return channels.Accepted{}, c.mail.Send(ctx, answer)
}

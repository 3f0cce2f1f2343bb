package imap

import (
	"context"
	"errors"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

var _ mailbox.Sender = (*Sender)(nil)

// Sender sends from a mailbox by SMTP, one connection a message. It needs no
// Client and is safe for concurrent use.
type Sender struct{ smtp *mail.Sender }

// NewSender checks the settings, with errors like Settings.Check; it does not
// connect.
func NewSender(settings Settings) (*Sender, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	smtp, err := mail.NewSender(mail.Settings{
		Address: settings.SMTP.address(), TLS: settings.SMTP.TLS,
		Username: settings.SMTP.Username, Password: settings.SMTP.Password,
		From: settings.Address, Roots: settings.Roots,
	})
	if err != nil {
		return nil, err
	}
	return &Sender{smtp}, nil
}

// Send implements mailbox.Sender.
func (s *Sender) Send(ctx context.Context, out mailbox.Outgoing) (mailbox.Accepted, error) {
	if err := s.smtp.SendRaw(ctx, out.From, out.To, out.Raw); err != nil {
		return mailbox.Accepted{}, err
	}
	return mailbox.Accepted{MessageID: out.MessageID}, nil
}

// Sent implements mailbox.Sender: SMTP cannot be asked.
func (*Sender) Sent(context.Context, mailbox.Outgoing) (accepted mailbox.Accepted, found bool, err error) {
	return mailbox.Accepted{}, false, &channels.SendError{
		Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown,
		Err: errors.New("SMTP does not tell what became of a message"),
	}
}

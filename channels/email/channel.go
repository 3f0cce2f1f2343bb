// Package email is the team e-mail channel (E1 to E11): its addresses and
// settings, and answers that keep the thread in the contact's mail program.
package email

import (
	"context"

	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
)

// Channel is the e-mail kind. Its zero value checks settings; sending needs
// the rest.
type Channel struct {
	// Mail takes what does not leave through a connected mailbox.
	Mail Mailer
	// Mailboxes may be nil while none can be connected.
	Mailboxes Mailboxes
	// Domain is that of hosted addresses and of our message ids.
	Domain string
}

// Mailer sends a composed mail; *mail.Sender is one.
type Mailer interface {
	// SendRaw makes one try; errors are *channels.SendError.
	SendRaw(ctx context.Context, from, to string, raw []byte) error
}

// Mailboxes are the mailboxes that channels are connected to.
type Mailboxes interface {
	// SenderFor returns the way out of a channel's mailbox; nil is SMTP. Errors
	// are mailbox.ErrRejected, *mailbox.Throttled, or something that may pass.
	SenderFor(ctx context.Context, channelID string) (mailbox.Sender, error)
}

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindEmail }

package form

import "switchboard/inbox"

// Channel is the form kind. Its zero value checks settings; New's also sends.
type Channel struct {
	mail Mailer
	from string
}

// New returns the form kind whose answers leave through mail; from is the
// address of forms that have none of their own.
func New(mail Mailer, from string) *Channel { return &Channel{mail: mail, from: from} }

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindForm }

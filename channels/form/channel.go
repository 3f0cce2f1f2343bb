package form

import "switchboard/inbox"

// Channel is the form kind.
type Channel struct{}

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindForm }

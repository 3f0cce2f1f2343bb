package messenger

import (
	"context"

	"switchboard/channels"
	"switchboard/inbox"
)

// Fetch implements channels.Fetcher: a contact's file is at an address that Facebook
// signed, and asks for no login.
func (c *Channel) Fetch(ctx context.Context, _ inbox.Channel, file inbox.RemoteFile) (channels.File, error) {
	return c.Files.Fetch(ctx, file, nil)
}

// FetchQueue implements channels.Fetcher.
func (*Channel) FetchQueue(inbox.Channel) string { return Queue }

package whatsapp

import (
	"context"
	"errors"

	"switchboard/channels"
	"switchboard/inbox"
)

// Fetch implements channels.Fetcher: a contact's file is at Twilio and asks for our
// login.
func (c *Channel) Fetch(ctx context.Context, _ inbox.Channel, file inbox.RemoteFile) (channels.File, error) {
	if c.Twilio == nil {
		return channels.File{}, &channels.SendError{
			Code: inbox.CodeProviderNotSetUp, Outcome: channels.Retry, Err: errors.New("no account at Twilio"),
		}
	}
	return c.Twilio.Fetch(ctx, file)
}

// FetchQueue implements channels.Fetcher.
func (*Channel) FetchQueue(inbox.Channel) string { return Queue }

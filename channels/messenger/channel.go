// Package messenger is the Facebook Messenger channel (M1 to M9): its settings,
// and answers that leave by the Graph API within the windows of M7. What comes in
// is read by webhook, and graph calls Facebook.
package messenger

import (
	"context"
	"errors"

	"switchboard/channels/messenger/graph"
	"switchboard/channels/remote"
	"switchboard/inbox"
)

// Queue is the task queue of what leaves for Facebook.
const Queue = "switchboard-messenger"

// Channel is the Messenger kind. Its zero value checks settings; sending and fetching
// need the rest.
type Channel struct {
	API   *graph.API
	Pages Pages
	// Files fetches what contacts send.
	Files *remote.Fetcher
}

// Pages are the pages that channels are connected to.
type Pages interface {
	// Token returns a channel's page and its access token. Without one the error
	// is ErrNotConnected.
	Token(ctx context.Context, channelID string) (Page, error)
	// Rejected is told that Facebook no longer accepts a token.
	Rejected(ctx context.Context, page Page) error
}

// Page is a connected page.
type Page struct {
	ChannelID string
	// ID is Facebook's.
	ID    string
	Token string
	// Version is that of the token as it was loaded.
	Version int
}

// ErrNotConnected is a channel without a page that lets us in.
var ErrNotConnected = errors.New("no page is connected that lets us in")

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindMessenger }

// Queue implements channels.Sender.
func (*Channel) Queue(inbox.Channel) string { return Queue }

// ThreadKey finds the conversation of a person with a page.
func ThreadKey(pageID, contactID string) string { return pageID + ":" + contactID }

// Identity is how a person is known to a page.
func Identity(pageID, contactID string) inbox.Identity {
	return inbox.Identity{Kind: inbox.IdentityMessenger, Value: ThreadKey(pageID, contactID)}
}

// Package pages connects Messenger channels to Facebook pages (M1): it has our
// application there, the keys, and what is stored.
package pages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/secrets"
	"switchboard/store"
)

// Service is safe for concurrent use.
type Service struct {
	Store *store.Store
	// Keys keep tokens; without them nothing can be connected.
	Keys *secrets.Keyset
	API  *graph.API
	// AppID is our application, "" where we have none; DialogURL is where a person
	// lets it in, and RedirectURL where Facebook sends them back.
	AppID, DialogURL, RedirectURL string
	Log                           *slog.Logger
	// Now returns the time, UTC.
	Now func() time.Time
}

// Access is a page with the token that lets us in.
type Access struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Token string `json:"token"`
}

// owner is what a page's sealed token belongs to.
func owner(channelID string) string { return "page:" + channelID }

func noKeys() error {
	refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no keys to encrypt a page's token with.")
	refusal.Remedy = "Set SWITCHBOARD_SECRETS_KEYSET to what `switchboard admin keyset` prints."
	return refusal
}

// Keep seals a page's token and connects the channel, without a word to Facebook.
// Errors are store.ConnectPage's, and CodeProviderNotSetUp without keys.
func (s *Service) Keep(ctx context.Context, channelID, agentID string, page Access) (inbox.Channel, error) {
	if s.Keys == nil {
		return inbox.Channel{}, noKeys()
	}
	sealed, err := s.Keys.Seal([]byte(page.Token), owner(channelID))
	if err != nil {
		return inbox.Channel{}, err
	}
	return s.Store.ConnectPage(ctx, store.FacebookPage{
		ChannelID: channelID, PageID: page.ID, Name: page.Name, Credentials: sealed, ConnectedBy: agentID, ConnectedAt: s.Now(),
	})
}

// Token implements messenger.Pages.
func (s *Service) Token(ctx context.Context, channelID string) (messenger.Page, error) {
	loaded, err := s.Store.FacebookPage(ctx, channelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && loaded.Problem == inbox.ConnectionRejected {
		return messenger.Page{}, messenger.ErrNotConnected
	}
	if err != nil {
		return messenger.Page{}, err
	}
	return s.open(loaded)
}

func (s *Service) open(loaded store.FacebookPage) (messenger.Page, error) {
	if s.Keys == nil {
		return messenger.Page{}, noKeys()
	}
	token, err := s.Keys.Open(loaded.Credentials, owner(loaded.ChannelID))
	if err != nil {
		return messenger.Page{}, fmt.Errorf("read the page's token: %w", err)
	}
	return messenger.Page{ChannelID: loaded.ChannelID, ID: loaded.PageID, Token: string(token), Version: loaded.Version}, nil
}

// Rejected implements messenger.Pages: the channel needs to be connected again.
func (s *Service) Rejected(ctx context.Context, page messenger.Page) error {
	err := s.Store.RejectPage(ctx, page.ChannelID, page.Version, s.Now())
	if errors.Is(err, store.ErrPageChanged) || inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil
	}
	if err == nil {
		s.Log.WarnContext(ctx, "a page needs to be connected again", "channel_id", page.ChannelID)
	}
	return err
}

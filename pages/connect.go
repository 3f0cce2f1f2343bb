package pages

import (
	"context"

	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

// connect keeps a page, has its events delivered and sets its profile. A page that
// cannot be listened to is not connected.
func (s *Service) connect(ctx context.Context, channelID, agentID string, page graph.Page) (inbox.Channel, error) {
	channel, err := s.Keep(ctx, channelID, agentID, Access{ID: page.ID, Name: page.Name, Token: page.Token})
	if err != nil {
		return inbox.Channel{}, err
	}
	if err := s.API.Subscribe(ctx, page.ID, page.Token); err != nil {
		if err := s.Store.DisconnectPage(context.WithoutCancel(ctx), channelID); err != nil {
			return inbox.Channel{}, err
		}
		return inbox.Channel{}, loginRejected(err)
	}
	if err := s.Check(ctx, channelID); err != nil {
		s.Log.WarnContext(ctx, "the page's profile is left to the sweep", "channel_id", channelID, "error", err)
	}
	return channel, nil
}

// Disconnect ends the delivery of a page's events, as far as Facebook lets us, and
// forgets its token.
func (s *Service) Disconnect(ctx context.Context, channelID string) error {
	page, err := s.Token(ctx, channelID)
	if err == nil {
		err = s.API.Unsubscribe(ctx, page.ID, page.Token)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "a page was not unsubscribed", "channel_id", channelID, "error", err)
	}
	return s.Store.DisconnectPage(ctx, channelID)
}

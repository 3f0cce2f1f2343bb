package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/store"
)

// Check makes a channel's page as it should be: its events are delivered to us,
// also after Facebook has ended that, and it shows the greeting of the channel's
// active chatflow (M2, M3) and the button to get started. What cannot be done now
// stands on the channel; errors are worth another try. A channel without a page that
// lets us in has nothing to check.
func (s *Service) Check(ctx context.Context, channelID string) error {
	loaded, err := s.Store.FacebookPage(ctx, channelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && loaded.Problem == inbox.ConnectionRejected {
		return nil
	}
	if err != nil {
		return err
	}
	page, err := s.open(loaded)
	if err != nil {
		return err
	}
	flow, greeting, err := s.greeting(ctx, channelID)
	if err != nil {
		return err
	}
	if err := s.subscribe(ctx, page); err != nil {
		return s.lacks(ctx, loaded, page, inbox.PageUnsubscribed, err)
	}
	if profile := digestOf(greeting); profile != loaded.Profile {
		if err := s.API.SetProfile(ctx, page.Token, greeting); err != nil {
			return s.lacks(ctx, loaded, page, inbox.PageProfileUnset, err)
		}
		loaded.Profile = profile
	}
	return s.Store.PageChecked(context.WithoutCancel(ctx), loaded, flow, loaded.Profile, s.Now())
}

// greeting returns a channel's active chatflow, the zero one for none, and what it
// greets with.
func (s *Service) greeting(ctx context.Context, channelID string) (inbox.Chatflow, string, error) {
	flow, err := s.Store.ActiveChatflow(ctx, channelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.Chatflow{}, "", nil
	}
	if err != nil {
		return flow, "", err
	}
	worded, err := channels.Worded(flow, &messenger.Channel{}, inbox.Channel{})
	return flow, worded.Greeting, err
}

func (s *Service) subscribe(ctx context.Context, page messenger.Page) error {
	subscribed, err := s.API.Subscribed(ctx, page.ID, page.Token, s.AppID)
	if err != nil || subscribed {
		return err
	}
	s.Log.WarnContext(ctx, "a page was unsubscribed; its events are asked for again", "channel_id", page.ChannelID)
	return s.API.Subscribe(ctx, page.ID, page.Token)
}

// lacks notes what could not be done. A page that lets us in no longer waits for
// somebody to connect it again.
func (s *Service) lacks(ctx context.Context, loaded store.FacebookPage, page messenger.Page, problem inbox.ConnectionProblem, err error) error {
	ctx = context.WithoutCancel(ctx)
	if refusal, ok := errors.AsType[*graph.Error](err); ok && refusal.TokenRejected() {
		return s.Rejected(ctx, page)
	}
	return errors.Join(err, s.Store.PageFailing(ctx, loaded, problem, s.Now()))
}

// digestOf tells one profile from another.
func digestOf(greeting string) string {
	sum := sha256.Sum256([]byte(greeting))
	return hex.EncodeToString(sum[:])
}

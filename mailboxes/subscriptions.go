package mailboxes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
	"switchboard/store"
)

const (
	// subscribedFor is how long providers are asked to tell of new mail: less than
	// the 4,200 minutes that Graph allows, for clocks that differ.
	subscribedFor = 4190 * time.Minute
	// resubscribe is how long a wish that failed is left alone.
	resubscribe = time.Hour
	// leaveWithin bounds the goodbye to a provider.
	leaveWithin = 15 * time.Second
)

// Subscribe implements activities.Mailboxes. A subscription is renewed when half of
// its time is over, so that one that fails for a day does not end.
func (s *Service) Subscribe(ctx context.Context, loaded store.Mailbox, client mailbox.Client) error {
	subscriber, able := client.(mailbox.Subscriber)
	now := s.Now()
	if !able || s.NotifyURL == "" || now.Before(loaded.Subscription.RenewAt) {
		return nil
	}
	secret, hash := newState()
	had := loaded.Subscription
	made, err := subscriber.Subscribe(ctx, mailbox.Subscription{ID: had.ID, URL: s.NotifyURL, Secret: secret, Until: now.Add(subscribedFor)})
	next := store.Subscription{ID: had.ID, Key: had.Key, RenewAt: now.Add(resubscribe)}
	if err == nil {
		next = store.Subscription{ID: made.ID, Key: hash, RenewAt: now.Add(resubscribe)}
		if half := made.Until.Sub(now) / 2; half > 0 {
			next.RenewAt = now.Add(half)
		}
		if made.ID == had.ID {
			next.Key = had.Key
		}
	}
	if throttled, ok := errors.AsType[*mailbox.Throttled](err); ok {
		next.RenewAt = now.Add(cmp.Or(throttled.After, resubscribe))
	}
	saved := s.Store.SaveSubscription(ctx, loaded, next)
	if errors.Is(saved, store.ErrMailboxChanged) {
		saved = nil // whoever changed it asks again
	}
	return errors.Join(err, saved)
}

// Notified returns the mailbox that a notification is about, by what it shows; what
// shows no secret of ours is CodeNotFound. ended tells that the provider asks to be
// asked again.
func (s *Service) Notified(ctx context.Context, id, secret string, ended bool) (store.Mailbox, error) {
	loaded, err := s.Store.SubscribedMailbox(ctx, id, hashOf(secret))
	if err != nil || !ended {
		return loaded, err
	}
	if err := s.Store.Resubscribe(ctx, loaded.ChannelID, id); err != nil && !errors.Is(err, store.ErrMailboxChanged) {
		return store.Mailbox{}, err
	}
	return loaded, nil
}

// Disconnect forgets a channel's mailbox. A provider that tells us of new mail is
// asked to stop; where that fails, nobody believes it any more.
func (s *Service) Disconnect(ctx context.Context, channelID string) error {
	loaded, err := s.Store.Mailbox(ctx, channelID)
	if err == nil && loaded.Subscription.ID != "" && loaded.Problem != inbox.ConnectionRejected {
		if err := s.unsubscribe(ctx, loaded); err != nil {
			s.Log.WarnContext(ctx, "the provider was not asked to stop", "channel_id", channelID, "error", err)
		}
	}
	return s.Store.DisconnectMailbox(ctx, channelID)
}

func (s *Service) unsubscribe(ctx context.Context, loaded store.Mailbox) error {
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	client, err := s.Open(ctx, loaded)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // nothing was written
	subscriber, able := client.(mailbox.Subscriber)
	if !able {
		return fmt.Errorf("a mailbox of %s has a subscription", loaded.Provider)
	}
	return subscriber.Unsubscribe(ctx, loaded.Subscription.ID)
}

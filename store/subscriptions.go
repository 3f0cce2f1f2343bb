package store

import (
	"context"
	"time"

	"switchboard/inbox"
)

// Subscription is a provider's promise to tell us of new mail. What it tells is a
// hint: reading the mailbox is what finds mail.
type Subscription struct {
	// ID is the provider's; "" is none.
	ID string
	// Key is the hash of the secret that its notifications carry.
	Key string
	// RenewAt is when it has to be asked for again; zero is at once.
	RenewAt time.Time
}

// SaveSubscription replaces the subscription of a loaded mailbox. When the account
// is another one by now, it is ErrMailboxChanged.
func (s *Store) SaveSubscription(ctx context.Context, loaded Mailbox, subscription Subscription) error {
	return s.updateMailbox(ctx, "save subscription", map[string]any{
		"subscription_id": subscription.ID, "subscription_key": subscription.Key, "subscribe_at": stampOf(subscription.RenewAt),
	}, "channel_id = ? AND connection_id = ?", loaded.ChannelID, loaded.ConnectionID)
}

// Resubscribe has a subscription asked for again at once. When a mailbox has another
// one by now, it is ErrMailboxChanged.
func (s *Store) Resubscribe(ctx context.Context, channelID, subscriptionID string) error {
	return s.updateMailbox(ctx, "ask for the subscription again", map[string]any{"subscribe_at": stampOf(time.Time{})},
		"channel_id = ? AND subscription_id = ?", channelID, subscriptionID)
}

// SubscribedMailbox returns the mailbox that a notification is about, by the id of
// its subscription and the hash of the secret in it; without both it is
// CodeNotFound.
func (s *Store) SubscribedMailbox(ctx context.Context, id, key string) (Mailbox, error) {
	if id == "" || key == "" {
		return Mailbox{}, inbox.NotFound("subscription")
	}
	row, err := take[mailboxRow](s.reading(ctx).Where("subscription_key = ? AND subscription_id = ?", key, id), "subscription")
	return row.mailbox(), err
}

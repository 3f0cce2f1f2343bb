package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Echo is a provider's word that a message left by a channel.
type Echo struct {
	ChannelID, ThreadKey string
	// ProviderMessageID is the provider's id of the message.
	ProviderMessageID string
	// MessageID is ours; "" is a message that others sent by the same account.
	MessageID string
	// Part is which of several messages that one left as, from 1; 0 is the whole.
	Part int
	// Text and InReplyTo are of a message that others sent.
	Text, InReplyTo string
	// At is when it left, by the provider's clock; the future is now.
	At time.Time
}

// KeepEcho marks a message of ours as sent, whatever became of its try. One that
// others sent is kept in its thread as an automatic message that has been sent:
// agents see it, and nothing sends it again. It is not for the contact's
// conversation to begin with: a thread without one is CodeNotFound. The same echo
// again changes nothing (B8).
func (s *Store) KeepEcho(ctx context.Context, in Echo) error {
	if in.MessageID != "" {
		m, err := take[messageRow](s.reading(ctx).Select("id").Where("id = ? AND channel_id = ? AND direction = ?",
			storable(in.MessageID), in.ChannelID, inbox.DirectionOut), "message")
		if err == nil && in.Part > 0 {
			return s.PartSent(ctx, m.ID, in.Part, in.ProviderMessageID, in.At)
		}
		if err == nil {
			return s.MarkSent(ctx, m.ID, in.ProviderMessageID, in.At)
		}
		if inbox.CodeOf(err) != inbox.CodeNotFound {
			return err
		}
	}
	if err := s.tx(ctx, func(t *tx) error { return t.keepEcho(in) }); err != nil {
		return fmt.Errorf("keep echo: %w", err)
	}
	return nil
}

func (t *tx) keepEcho(in Echo) error {
	now := stored(time.Now())
	if in.At.IsZero() || in.At.After(now) {
		in.At = now
	}
	c, err := take[conversationRow](t.Clauses(forUpdate).
		Where("channel_id = ? AND thread_key = ?", in.ChannelID, storable(in.ThreadKey)), "conversation")
	if err != nil {
		return err
	}
	row := messageRow{
		ID: NewID(), ConversationID: c.ID, ChannelID: in.ChannelID, Episode: c.Episode, Direction: inbox.DirectionOut,
		AuthorKind: automation.Kind, BodyText: storable(in.Text), InReplyTo: storable(in.InReplyTo), Automatic: true,
		State: inbox.MessageSent, ProviderMessageID: storable(in.ProviderMessageID), CreatedAt: stampOf(in.At),
		DispatchedAt: stampOf(now), NextTryAt: stampOf(now),
	}
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if insert.Error != nil {
		return fmt.Errorf("insert message: %w", insert.Error)
	}
	if insert.RowsAffected == 0 {
		return nil
	}
	if now.After(c.LastMessageAt.Time) {
		if err := t.Model(&c).Update("last_message_at", stampOf(now)).Error; err != nil {
			return fmt.Errorf("update conversation: %w", err)
		}
	}
	t.event(&c, inbox.EventReplyCreated, automation, map[string]any{"message_id": row.ID}, now)
	return nil
}

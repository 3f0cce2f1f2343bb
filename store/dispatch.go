package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// Undispatched is a message whose workflow was not told.
type Undispatched struct {
	MessageID      string
	ConversationID string
	Episode        int
	Direction      inbox.Direction
	State          inbox.MessageState
	CreatedAt      time.Time
}

// Ref names the message's episode.
func (u Undispatched) Ref() inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: u.ConversationID, Episode: u.Episode}
}

// MarkDispatched records that a message's workflow was told; the first time
// counts.
func (s *Store) MarkDispatched(ctx context.Context, messageID string, at time.Time) error {
	err := s.write.WithContext(ctx).Model(&messageRow{}).
		Where("id = ? AND dispatched_at IS NULL", messageID).Update("dispatched_at", stampOf(at)).Error
	if err != nil {
		return fmt.Errorf("mark message dispatched: %w", err)
	}
	return nil
}

// Undispatched lists messages in both directions that were stored before a time
// and whose workflow was not told, the one that waits longest first. One that
// was put off waits from then on.
func (s *Store) Undispatched(ctx context.Context, before time.Time, limit int) ([]Undispatched, error) {
	return undispatched(s.reading(ctx).Where("next_try_at < ?", stampOf(before)).Order("next_try_at, id").Limit(limit))
}

// UndispatchedOf lists a conversation's messages whose workflow was not told, oldest
// first.
func (s *Store) UndispatchedOf(ctx context.Context, conversationID string) ([]Undispatched, error) {
	return undispatched(s.reading(ctx).Where("conversation_id = ?", conversationID).Order("id"))
}

func undispatched(which *gorm.DB) ([]Undispatched, error) {
	var rows []messageRow
	err := which.Select("id", "conversation_id", "episode", "direction", "state", "created_at").
		Where("dispatched_at IS NULL").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list undispatched messages: %w", err)
	}
	return convert(rows, func(r messageRow) Undispatched {
		return Undispatched{
			MessageID: r.ID, ConversationID: r.ConversationID, Episode: r.Episode, Direction: r.Direction,
			State: r.State, CreatedAt: r.CreatedAt.Time,
		}
	}), nil
}

// PutOffDispatch puts a message whose workflow could not be told behind the others
// until a time, so that those that always fail keep nobody waiting.
func (s *Store) PutOffDispatch(ctx context.Context, messageID string, until time.Time) error {
	err := s.write.WithContext(ctx).Model(&messageRow{}).
		Where("id = ? AND dispatched_at IS NULL", messageID).Update("next_try_at", stampOf(until)).Error
	if err != nil {
		return fmt.Errorf("put message off: %w", err)
	}
	return nil
}

// NudgesDue lists episodes that somebody else's claim assigned before a time
// and whose workflow does not know yet, oldest first.
func (s *Store) NudgesDue(ctx context.Context, before time.Time, limit int) ([]inbox.EpisodeRef, error) {
	var rows []conversationRow
	err := s.reading(ctx).Select("id", "episode").Where("nudge_at < ?", stampOf(before)).
		Order("nudge_at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list due nudges: %w", err)
	}
	return convert(rows, conversationRow.ref), nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// readData says up to which message somebody has read.
type readData struct {
	MessageID string `json:"message_id"`
}

// ReadMessages notes that an agent has read a conversation up to one of its
// messages. What was read before stays read, and is not told again.
func (s *Store) ReadMessages(ctx context.Context, upTo inbox.Message, reader inbox.Author, at time.Time) error {
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(upTo.ConversationID)
		if err != nil || !upTo.CreatedAt.After(c.ReadAt.Time) {
			return err
		}
		if err := t.Model(&c).Update("read_at", stampOf(upTo.CreatedAt)).Error; err != nil {
			return err
		}
		t.event(&c, inbox.EventRead, reader, readData{upTo.ID}, at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("note what was read: %w", err)
	}
	return nil
}

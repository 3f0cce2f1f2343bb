package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// AddComment stores an internal note, on a closed conversation too (B14).
func (s *Store) AddComment(
	ctx context.Context, conversationID, agentID, text string, at time.Time,
) (inbox.Comment, error) {
	row := commentRow{
		ID: NewID(), ConversationID: conversationID, AgentID: agentID, BodyText: text, CreatedAt: stampOf(stored(at)),
	}
	err := s.tx(ctx, func(t *tx) error {
		c, err := take[conversationRow](t.Where("id = ?", conversationID), "conversation")
		if err != nil {
			return err
		}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		author := inbox.Author{Kind: inbox.AuthorAgent, ID: agentID}
		t.event(&c, inbox.EventComment, author, map[string]any{"comment_id": row.ID}, at)
		return nil
	})
	if err != nil {
		return inbox.Comment{}, fmt.Errorf("add comment: %w", err)
	}
	return row.comment(), nil
}

// CommentsByID returns the internal notes with these ids, in no order.
func (s *Store) CommentsByID(ctx context.Context, ids []string) ([]inbox.Comment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []commentRow
	if err := s.reading(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load comments: %w", err)
	}
	return convert(rows, commentRow.comment), nil
}

// SetTags replaces a conversation's tags, each once and in order (B14).
func (s *Store) SetTags(ctx context.Context, id string, tags []string, actor inbox.Author, at time.Time) error {
	tags = slices.Compact(slices.Sorted(slices.Values(tags)))
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(id)
		if err != nil || slices.Equal(c.Tags, tags) {
			return err
		}
		if err := t.Model(&c).Update("tags", list[string](tags)).Error; err != nil {
			return err
		}
		t.event(&c, inbox.EventTagged, actor, nil, at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("set tags: %w", err)
	}
	return nil
}

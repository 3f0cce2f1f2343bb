package store

import (
	"context"
	"fmt"
	"strconv"

	"switchboard/inbox"
)

// Timeline lists what happened to a conversation, oldest first.
func (s *Store) Timeline(ctx context.Context, conversationID string, page Page) ([]inbox.Event, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	key, err := page.key(1)
	if err != nil {
		return nil, "", err
	}
	var after int64
	if key[0] != "" {
		if after, err = strconv.ParseInt(key[0], 10, 64); err != nil {
			return nil, "", badCursor()
		}
	}
	var rows []eventRow
	err = s.reading(ctx).Where("conversation_id = ? AND id > ?", conversationID, after).
		Order("id").Limit(limit + 1).Find(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("load timeline: %w", err)
	}
	rows, cursor := next(rows, limit, func(r eventRow) string { return cursorOf(strconv.FormatInt(r.ID, 10)) })
	return convert(rows, eventRow.event), cursor, nil
}

// EventsAfter returns the events of all conversations after one, oldest first;
// 0 is from the start. They have their threads' keys.
func (s *Store) EventsAfter(ctx context.Context, afterID int64, limit int) ([]inbox.Event, error) {
	var rows []threadEventRow
	err := s.reading(ctx).Model(&eventRow{}).Select("events.*", "COALESCE(c.thread_key, '') AS thread_key").
		Joins("LEFT JOIN conversations c ON c.id = events.conversation_id").
		Where("events.id > ?", afterID).Order("events.id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load events: %w", err)
	}
	return convert(rows, threadEventRow.event), nil
}

// LastEventID returns the newest event's id, 0 when there is none.
func (s *Store) LastEventID(ctx context.Context) (int64, error) {
	var id int64
	err := s.reading(ctx).Model(&eventRow{}).Select("COALESCE(MAX(id), 0)").Scan(&id).Error
	if err != nil {
		return 0, fmt.Errorf("load last event: %w", err)
	}
	return id, nil
}

// ConversationEventsAfter returns one conversation's events after one, oldest
// first; 0 is from the start.
func (s *Store) ConversationEventsAfter(ctx context.Context, conversationID string, afterID int64, limit int) ([]inbox.Event, error) {
	var rows []eventRow
	err := s.reading(ctx).Where("conversation_id = ? AND id > ?", conversationID, afterID).
		Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load a conversation's events: %w", err)
	}
	return convert(rows, eventRow.event), nil
}

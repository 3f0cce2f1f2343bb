package store

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// Message returns one message with its attachments.
func (s *Store) Message(ctx context.Context, id string) (inbox.Message, error) {
	row, err := take[messageRow](s.reading(ctx).Where("id = ?", id), "message")
	if err != nil {
		return inbox.Message{}, err
	}
	messages, err := s.withAttachments(ctx, []messageRow{row})
	if err != nil {
		return inbox.Message{}, err
	}
	return messages[0], nil
}

// Messages lists a conversation's messages, oldest first.
func (s *Store) Messages(ctx context.Context, conversationID string, page Page) ([]inbox.Message, string, error) {
	rows, cursor, err := pageByID(s.reading(ctx).Where("conversation_id = ?", conversationID), page, oldestFirst,
		func(r messageRow) string { return r.ID })
	if err != nil {
		return nil, "", err
	}
	messages, err := s.withAttachments(ctx, rows)
	return messages, cursor, err
}

// MessagesAfter returns a conversation's messages after one, oldest first; ""
// is from the start. Ids of one conversation grow in commit order, so nothing
// appears later before what was seen.
func (s *Store) MessagesAfter(ctx context.Context, conversationID, afterMessageID string, limit int) ([]inbox.Message, error) {
	var rows []messageRow
	err := s.reading(ctx).Where("conversation_id = ? AND id > ?", conversationID, afterMessageID).
		Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return s.withAttachments(ctx, rows)
}

func (s *Store) withAttachments(ctx context.Context, rows []messageRow) ([]inbox.Message, error) {
	if len(rows) == 0 {
		return []inbox.Message{}, nil
	}
	ids := convert(rows, func(r messageRow) string { return r.ID })
	var attachments []attachmentRow
	if err := s.reading(ctx).Where("message_id IN ?", ids).Order("id").Find(&attachments).Error; err != nil {
		return nil, fmt.Errorf("load attachments: %w", err)
	}
	byMessage := map[string][]attachmentRow{}
	for _, row := range attachments {
		byMessage[row.MessageID] = append(byMessage[row.MessageID], row)
	}
	return convert(rows, func(r messageRow) inbox.Message { return r.message(byMessage[r.ID]) }), nil
}

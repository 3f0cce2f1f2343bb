package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

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

// Messages lists a conversation's messages, oldest first: where a provider's clock
// says when each was written, by that, since it delivers in any order (B8);
// elsewhere as they came, since a mail's date is its sender's word.
func (s *Store) Messages(ctx context.Context, conversationID string, page Page) ([]inbox.Message, string, error) {
	c, err := take[conversationRow](s.reading(ctx).Select("channel_kind").Where("id = ?", conversationID), "conversation")
	if err != nil {
		return nil, "", err
	}
	query := s.reading(ctx).Where("conversation_id = ?", conversationID)
	var rows []messageRow
	var cursor string
	switch c.ChannelKind {
	case inbox.KindMessenger, inbox.KindWhatsApp:
		rows, cursor, err = pageByTime(query, page)
	default:
		rows, cursor, err = pageByID(query, page, oldestFirst, func(r messageRow) string { return r.ID })
	}
	if err != nil {
		return nil, "", err
	}
	messages, err := s.withAttachments(ctx, rows)
	return messages, cursor, err
}

// pageByTime fetches a page of messages in the order of their times.
func pageByTime(query *gorm.DB, page Page) (rows []messageRow, cursor string, err error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	key, err := page.key(2)
	if err != nil {
		return nil, "", err
	}
	if key[0] != "" {
		if _, err := time.Parse(stampFormat, key[0]); err != nil {
			return nil, "", badCursor()
		}
		query = query.Where("(created_at, id) > (?, ?)", key[0], key[1])
	}
	if err := query.Order("created_at, id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list messages: %w", err)
	}
	rows, cursor = next(rows, limit, func(r messageRow) string { return cursorOf(r.CreatedAt.Format(stampFormat), r.ID) })
	return rows, cursor, nil
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

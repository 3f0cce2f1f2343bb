package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// MessageWithFiles is a message whose files are still at the provider.
type MessageWithFiles struct{ MessageID, ChannelID string }

// MessagesWithFiles lists a conversation's messages with files that are still at
// the provider, oldest first.
func (s *Store) MessagesWithFiles(ctx context.Context, conversationID string) ([]MessageWithFiles, error) {
	var rows []messageRow
	err := s.reading(ctx).Select("id", "channel_id").Where("conversation_id = ? AND remote IS NOT NULL", conversationID).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list messages with files: %w", err)
	}
	return convert(rows, func(r messageRow) MessageWithFiles { return MessageWithFiles{r.ID, r.ChannelID} }), nil
}

// fileData is a fetched or lost file in the timeline.
type fileData struct {
	MessageID    string     `json:"message_id"`
	AttachmentID string     `json:"attachment_id,omitempty"`
	Code         inbox.Code `json:"code,omitempty"`
}

// KeepFile makes a file at the provider an attachment of its message. A file that
// is not awaited any more changes nothing: it was kept before, or its contact was
// erased.
func (s *Store) KeepFile(ctx context.Context, messageID string, remote inbox.RemoteFile, file File, at time.Time) error {
	file.Name, file.ContentType = storable(file.Name), storable(file.ContentType)
	return s.settleFile(ctx, messageID, remote, func(t *tx, c *conversationRow) error {
		if err := t.attach(messageID, []File{file}); err != nil {
			return err
		}
		attachment, err := take[attachmentRow](t.Where("message_id = ?", messageID).Order("id DESC"), "attachment")
		t.event(c, inbox.EventFileFetched, automation, fileData{MessageID: messageID, AttachmentID: attachment.ID}, at)
		return err
	})
}

// LoseFile notes that a file at the provider will never come; code says why.
func (s *Store) LoseFile(ctx context.Context, messageID string, remote inbox.RemoteFile, code inbox.Code, at time.Time) error {
	return s.settleFile(ctx, messageID, remote, func(t *tx, c *conversationRow) error {
		t.event(c, inbox.EventFileLost, automation, fileData{MessageID: messageID, Code: code}, at)
		return nil
	})
}

// settleFile takes a file off what is awaited and does what follows.
func (s *Store) settleFile(ctx context.Context, messageID string, remote inbox.RemoteFile, follow func(*tx, *conversationRow) error) error {
	err := s.tx(ctx, func(t *tx) error {
		m, err := take[messageRow](t.Select("conversation_id").Where("id = ?", messageID), "message")
		if err != nil {
			return err
		}
		c, err := t.lockConversation(m.ConversationID)
		if err != nil {
			return err
		}
		if m, err = take[messageRow](t.Where("id = ?", messageID), "message"); err != nil {
			return err
		}
		i := slices.Index(m.Remote.V, remote)
		if i < 0 {
			return nil
		}
		var left []inbox.RemoteFile // nil is NULL
		if len(m.Remote.V) > 1 {
			left = slices.Delete(m.Remote.V, i, i+1)
		}
		if err := t.Model(&m).Update("remote", jsonOf[[]inbox.RemoteFile]{left}).Error; err != nil {
			return err
		}
		return follow(t, &c)
	})
	if err != nil {
		return fmt.Errorf("settle a file: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"switchboard/inbox"
)

// maximumMessageIDs bounds how many ids of a mail are looked up; they come from
// strangers.
const maximumMessageIDs = 100

// ThreadOf returns the conversation of the inbox that a mail refers to by the
// Message-IDs of earlier ones, bare and the most telling first: the first one
// that is known decides. Known are our own, <message id>@<domain>, and those of
// messages stored under their ProviderMessageID. One that several conversations
// know means the newest. CodeNotFound is none of them.
func (s *Store) ThreadOf(ctx context.Context, inboxID string, messageIDs []string) (conversationID string, err error) {
	messageIDs = convert(messageIDs[:min(len(messageIDs), maximumMessageIDs)], storable)
	var known []messageRow
	if err := threadsOf(s.reading(ctx), inboxID, messageIDs).Find(&known).Error; err != nil {
		return "", fmt.Errorf("look up message ids: %w", err)
	}
	for _, id := range messageIDs {
		for _, m := range known {
			if m.ProviderMessageID == id || m.Direction == inbox.DirectionOut && m.ID == ourMessageID(id) {
				return m.ConversationID, nil
			}
		}
	}
	return "", inbox.NotFound("conversation")
}

// threadsOf selects the messages of the inbox that Message-IDs name, those of the
// newest conversation first. The messages are found before their conversations,
// by one index for each half, whatever the planner thinks of the inbox.
func threadsOf(db *gorm.DB, inboxID string, messageIDs []string) *gorm.DB {
	const columns = "id, direction, provider_message_id, conversation_id"
	return db.Raw(`WITH named AS MATERIALIZED (
			SELECT `+columns+` FROM messages WHERE provider_message_id IN ?
			UNION SELECT `+columns+` FROM messages WHERE id IN ? AND direction = ?)
		SELECT m.* FROM named m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.inbox_id = ? AND c.`+notErased+` ORDER BY m.conversation_id DESC, m.id DESC`,
		messageIDs, given(convert(messageIDs, ourMessageID)...), inbox.DirectionOut, inboxID)
}

// SentMessage returns the message to a contact of the inbox that a bare
// Message-ID names, for bounces and for what comes back to us.
func (s *Store) SentMessage(ctx context.Context, inboxID, messageID string) (inbox.Message, error) {
	var named []messageRow
	if err := threadsOf(s.reading(ctx), inboxID, []string{storable(messageID)}).Find(&named).Error; err != nil {
		return inbox.Message{}, fmt.Errorf("look up message id: %w", err)
	}
	for _, m := range named {
		if m.Direction == inbox.DirectionOut {
			return s.Message(ctx, m.ID)
		}
	}
	return inbox.Message{}, inbox.NotFound("message")
}

// ourMessageID returns the message a Message-ID of ours names; "" is not ours.
func ourMessageID(messageID string) string {
	local, _, _ := strings.Cut(messageID, "@")
	id, err := uuid.Parse(local)
	if err != nil {
		return ""
	}
	return id.String()
}

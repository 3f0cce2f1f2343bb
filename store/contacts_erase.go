package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// EraseContact removes everything personal about a contact for good: name,
// identities, and in all its conversations the texts, senders, answers, files,
// subject and thread, where transcripts went, answers to chatflows, internal
// comments, the ticket's name and description; in conversations with others, what it wrote; in quarantine, what names one of its
// mail addresses or its id at a page. Merges with others cannot be undone any more.
// Rows and ids stay, so that timelines and numbers do (B12).
func (s *Store) EraseContact(ctx context.Context, id string) error {
	return s.tx(ctx, func(t *tx) error {
		if err := changed(t.Model(&contactRow{}).Where("id = ?", id).Update("name", ""), "contact"); err != nil {
			return err
		}
		if err := s.eraseQuarantine(t, id); err != nil {
			return err
		}
		var cookies []string
		err := t.Model(&identityRow{}).Where("contact_id = ? AND kind = ?", id, inbox.IdentityCookie).Pluck("value", &cookies).Error
		if err != nil {
			return fmt.Errorf("list visitors: %w", err)
		}
		// Messages that come in meanwhile wait for the lock, and then find no such
		// thread.
		var locked []string
		for _, part := range []*gorm.DB{
			t.eraseAddresses(id),
			t.Delete(&identityRow{}, "contact_id = ?", id),
			t.Delete(&contactTermRow{}, "contact_id = ?", id),
			t.Delete(&consentRow{}, "contact_id = ?", id),
			t.Delete(&mergeRow{}, "contact_id = ? OR merged_id = ?", id, id),
			t.Delete(&mergeSuggestionRow{}, "contact_id = ? OR other_id = ?", id, id),
			t.conversationsOf(id).Clauses(forUpdate).Order("id").Scan(&locked),
			t.Delete(&visitorRow{}, "cookie IN ?", cookies),
		} {
			if part.Error != nil {
				return fmt.Errorf("erase contact: %w", part.Error)
			}
		}
		return t.eraseConversations(id)
	})
}

// eraseConversations empties the contact's conversations. A new thread key lets
// the sender's next message begin a new conversation of a new contact.
func (t *tx) eraseConversations(contactID string) error {
	conversations := t.conversationsOf(contactID)
	var digests []string
	err := t.Model(&attachmentRow{}).Where("message_id IN (?)", t.messagesOf(contactID).Select("id")).
		Distinct().Pluck("digest", &digests).Error
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	for _, part := range []*gorm.DB{
		t.Delete(&attachmentRow{}, "message_id IN (?)", t.messagesOf(contactID).Select("id")),
		t.Delete(&blobRow{}, "digest IN ? AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.digest = blobs.digest)", digests),
		t.Delete(&conversationTermRow{}, "conversation_id IN (?)", conversations),
		t.messagesOf(contactID).Where("state = ?", inbox.MessageHeld).Update("state", inbox.MessageDropped),
		t.messagesOf(contactID).Updates(map[string]any{
			"sender": nil, "body_text": "", "body_html": "", "body_quoted": "", "fields": nil,
			"payload": "", "in_reply_to": "", "quick_replies": nil, "template": nil, "remote": nil,
			"sealed": nil, "sealed_until": nil,
		}),
		t.Model(&chatflowRunRow{}).Where("conversation_id IN (?)", conversations).Update("answers", list[inbox.ChatflowAnswer]{}),
		t.Model(&noticeRow{}).Where("conversation_id IN (?)", conversations).Update("address", ""),
		t.Model(&commentRow{}).Where("conversation_id IN (?)", conversations).Update("body_text", ""),
		t.Model(&ticketRow{}).Where("conversation_id IN (?)", conversations).
			Updates(map[string]any{"name": "", "description": ""}),
		t.Model(&conversationRow{}).Where("contact_id = ?", contactID).Updates(map[string]any{
			"subject": "", "reply_to": "", "thread_key": clause.Expr{SQL: "'" + erasedThread + "' || id"},
		}),
	} {
		if part.Error != nil {
			return fmt.Errorf("erase conversations: %w", part.Error)
		}
	}
	return nil
}

// eraseAddresses takes the contact's addresses out of transcripts of others'
// conversations.
func (t *tx) eraseAddresses(contactID string) *gorm.DB {
	addresses := t.Model(&identityRow{}).Select("value").Where("contact_id = ? AND kind = ?", contactID, inbox.IdentityEmail)
	return t.Model(&noticeRow{}).Where("address <> '' AND address IN (?)", addresses).Update("address", "")
}

func (t *tx) conversationsOf(contactID string) *gorm.DB {
	return t.Model(&conversationRow{}).Select("id").Where("contact_id = ?", contactID)
}

// messagesOf are the messages of the contact's conversations and those it wrote
// in others'.
func (t *tx) messagesOf(contactID string) *gorm.DB {
	return t.Model(&messageRow{}).Where("(conversation_id IN (?) OR ("+writtenBy+"))", t.conversationsOf(contactID), contactID)
}

// writtenBy is the condition of an index.
const writtenBy = "author_kind = 'contact' AND author_id = ?"

// erasedThread begins the thread key of an erased conversation, which nothing
// joins any more; notErased is the condition for it.
const (
	erasedThread = "erased:"
	notErased    = "thread_key NOT LIKE '" + erasedThread + "%'"
)

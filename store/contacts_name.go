package store

import (
	"context"
	"fmt"
)

// NameContact gives the contact of a conversation the name that the provider says,
// unless the contact has one. A conversation whose thread has changed since was
// erased: the contact stays without a name.
func (s *Store) NameContact(ctx context.Context, conversationID, threadKey, name string) error {
	err := s.tx(ctx, func(t *tx) error {
		contactID, err := t.lockContactOf(conversationID, threadKey)
		if err != nil || contactID == "" {
			return err
		}
		update := t.Model(&contactRow{}).Where("id = ? AND name = ''", contactID).Update("name", storable(name))
		if update.Error != nil || update.RowsAffected == 0 {
			return update.Error
		}
		_, err = t.indexContact(contactID)
		return err
	})
	if err != nil {
		return fmt.Errorf("name contact: %w", err)
	}
	return nil
}

// lockContactOf locks the contact of a conversation and returns its id, "" when there
// is none or when the thread has changed: then it was erased. Whoever erases a contact,
// or makes the conversation another's, locks the contact, too: what is read under its
// lock stays.
func (t *tx) lockContactOf(conversationID, threadKey string) (contactID string, err error) {
	for {
		c, err := take[conversationRow](t.Select("contact_id", "thread_key").Where("id = ?", conversationID), "conversation")
		if err != nil || c.ThreadKey != threadKey || c.ContactID == "" {
			return "", err
		}
		if c.ContactID == contactID {
			return contactID, nil
		}
		contactID = c.ContactID
		if err := t.lockContact(contactID); err != nil {
			return "", err
		}
	}
}

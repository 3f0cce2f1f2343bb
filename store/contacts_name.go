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
		c, err := t.lockConversation(conversationID)
		if err != nil || c.ThreadKey != threadKey || c.ContactID == "" {
			return err
		}
		update := t.Model(&contactRow{}).Where("id = ? AND name = ''", c.ContactID).Update("name", storable(name))
		if update.Error != nil || update.RowsAffected == 0 {
			return update.Error
		}
		_, err = t.indexContact(c.ContactID)
		return err
	})
	if err != nil {
		return fmt.Errorf("name contact: %w", err)
	}
	return nil
}

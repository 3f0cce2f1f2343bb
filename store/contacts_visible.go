package store

import (
	"context"
	"fmt"
	"slices"

	"switchboard/inbox"
)

// Sight is how much of the contacts an agent sees (E10).
type Sight struct {
	// InboxIDs are the inboxes that may be seen; nil is all of them, and then every
	// contact.
	InboxIDs []string
	// AgentID sees the contacts it owns, too.
	AgentID string
}

// seen are the contacts of a sight: who wrote, or was written to, in one of its
// inboxes; whom the agent owns; and who is in no conversation anywhere.
const seen = `owner_id = ? AND owner_id <> ''
OR EXISTS (SELECT 1 FROM conversations c WHERE c.contact_id = contacts.id AND c.inbox_id IN ?)
OR EXISTS (SELECT 1 FROM messages m JOIN conversations c ON c.id = m.conversation_id
	WHERE m.author_kind = 'contact' AND m.author_id = contacts.id AND c.inbox_id IN ?)
OR NOT EXISTS (SELECT 1 FROM conversations c WHERE c.contact_id = contacts.id)
	AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.author_kind = 'contact' AND m.author_id = contacts.id)`

// SeenContacts returns those of the ids whose contacts the sight has.
func (s *Store) SeenContacts(ctx context.Context, sight Sight, ids ...string) ([]string, error) {
	if sight.InboxIDs == nil || len(ids) == 0 {
		return ids, nil
	}
	var found []string
	err := s.reading(ctx).Model(&contactRow{}).Where("id IN ?", ids).
		Where(seen, sight.AgentID, sight.InboxIDs, sight.InboxIDs).Pluck("id", &found).Error
	if err != nil {
		return nil, fmt.Errorf("look up which contacts are seen: %w", err)
	}
	return found, nil
}

// seenOf leaves out the contacts that a sight does not have.
func (s *Store) seenOf(ctx context.Context, sight Sight, contacts []inbox.Contact) ([]inbox.Contact, error) {
	ids, err := s.SeenContacts(ctx, sight, convert(contacts, func(c inbox.Contact) string { return c.ID })...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(contacts, func(c inbox.Contact) bool { return !slices.Contains(ids, c.ID) }), nil
}

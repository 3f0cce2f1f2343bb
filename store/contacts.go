package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// Contact returns one contact with its identities.
func (s *Store) Contact(ctx context.Context, id string) (inbox.Contact, error) {
	row, err := take[contactRow](s.reading(ctx).Where("id = ?", id), "contact")
	if err != nil {
		return inbox.Contact{}, err
	}
	contacts, err := withIdentities(s.reading(ctx), []contactRow{row})
	if err != nil {
		return inbox.Contact{}, err
	}
	return contacts[0], nil
}

// ContactByIdentity returns the contact that is known by an identity (G9).
func (s *Store) ContactByIdentity(ctx context.Context, identity inbox.Identity) (inbox.Contact, error) {
	row, err := take[identityRow](s.reading(ctx).
		Where("kind = ? AND value = ?", identity.Kind, identity.Value), "contact")
	if err != nil {
		return inbox.Contact{}, err
	}
	return s.Contact(ctx, row.ContactID)
}

// Contacts lists the contacts of a sight that have every word of q in their name,
// addresses and numbers, newest first. A page of a list with q, or of a limited
// sight, may hold fewer than the limit, even none, and still have a next cursor.
func (s *Store) Contacts(ctx context.Context, sight Sight, q string, page Page) ([]inbox.Contact, string, error) {
	var rows []contactRow
	var cursor string
	var err error
	if q == "" {
		rows, cursor, err = pageByID(s.reading(ctx), page, newestFirst, contactRow.id)
	} else {
		rows, cursor, err = search(s.reading(ctx), contactWords, q, everything, page, contactRow.id)
	}
	if err != nil {
		return nil, "", err
	}
	contacts, err := withIdentities(s.reading(ctx), rows)
	if err != nil {
		return nil, "", err
	}
	contacts, err = s.seenOf(ctx, sight, contacts)
	return contacts, cursor, err
}

// UpdateContact replaces a contact's name and owner; conversations that wait
// for the owner follow (G5).
func (s *Store) UpdateContact(ctx context.Context, contact inbox.Contact) (inbox.Contact, error) {
	var updated inbox.Contact
	err := s.tx(ctx, func(t *tx) error {
		if err := refer[agentRow](t, "agent", "owner_id", given(contact.OwnerID)...); err != nil {
			return err
		}
		if err := s.lockClaims(t, true); err != nil {
			return err
		}
		update := t.Model(&contactRow{}).Where("id = ?", contact.ID).
			Updates(map[string]any{"name": contact.Name, "owner_id": contact.OwnerID})
		if err := changed(update, "contact"); err != nil {
			return err
		}
		if err := t.followOwner(contact.ID, contact.OwnerID); err != nil {
			return err
		}
		var err error
		updated, err = t.indexContact(contact.ID)
		return err
	})
	if err != nil {
		return inbox.Contact{}, err
	}
	return updated, nil
}

// withIdentities loads the contacts' identities, the earliest known first.
func withIdentities(db *gorm.DB, rows []contactRow) ([]inbox.Contact, error) {
	if len(rows) == 0 {
		return []inbox.Contact{}, nil
	}
	var identities []identityRow
	err := db.Where("contact_id IN ?", convert(rows, contactRow.id)).Order("created_at, kind, value").Find(&identities).Error
	if err != nil {
		return nil, fmt.Errorf("load identities: %w", err)
	}
	byContact := map[string][]identityRow{}
	for _, row := range identities {
		byContact[row.ContactID] = append(byContact[row.ContactID], row)
	}
	return convert(rows, func(r contactRow) inbox.Contact { return r.contact(byContact[r.ID]) }), nil
}

func everything(query *gorm.DB) *gorm.DB { return query }

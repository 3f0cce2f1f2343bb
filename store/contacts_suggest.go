package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

const (
	// maximumNamesakes bounds how many contacts of one name are compared.
	maximumNamesakes = 20
	// maximumRead is how many of a contact's latest messages are read for addresses.
	maximumRead = 200
)

// noteSuggestion remembers that a contact gave what is another's.
func (t *tx) noteSuggestion(contactID, otherID string, at time.Time) error {
	err := t.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&mergeSuggestionRow{ContactID: contactID, OtherID: otherID, CreatedAt: stampOf(at)}).Error
	if err != nil {
		return fmt.Errorf("note merge suggestion: %w", err)
	}
	return nil
}

// AddressesIn returns the addresses and numbers a text mentions; it is
// routing.AddressesIn.
type AddressesIn func(text string) []inbox.Identity

// MergeSides returns a contact and the others that may be the same person, for
// routing.SuggestMerges: those that one gave an address of, then those of the same
// name, newest first (M9).
func (s *Store) MergeSides(ctx context.Context, contactID string, read AddressesIn) (contact inbox.MergeSide, others []inbox.MergeSide, err error) {
	if contact.Contact, err = s.Contact(ctx, contactID); err != nil {
		return contact, nil, err
	}
	db := s.reading(ctx)
	pointed, err := pointedAt(db, contactID)
	if err != nil {
		return contact, nil, err
	}
	rows, err := withIdentities(db, pointed)
	if err != nil {
		return contact, nil, err
	}
	for _, row := range rows {
		others = append(others, inbox.MergeSide{Contact: row, Pointed: true})
	}
	if contact.Contact.Name != "" {
		namesakes, _, err := s.Contacts(ctx, Sight{}, contact.Contact.Name, Page{Limit: maximumNamesakes})
		if err != nil {
			return contact, nil, err
		}
		for _, row := range namesakes {
			known := func(side inbox.MergeSide) bool { return side.Contact.ID == row.ID }
			if row.ID != contactID && !slices.ContainsFunc(others, known) {
				others = append(others, inbox.MergeSide{Contact: row})
			}
		}
	}
	for i := range others {
		if others[i].Given, err = givenBy(db, others[i].Contact.ID, read); err != nil {
			return contact, nil, err
		}
	}
	contact.Given, err = givenBy(db, contactID, read)
	return contact, others, err
}

// pointedAt are the contacts that gave an address of this one, or that this one
// gave an address of. What a merged contact was suggested counts for the one that
// has everything now.
func pointedAt(db *gorm.DB, contactID string) ([]contactRow, error) {
	var rows []contactRow
	err := db.Raw(`
		WITH merged (id, now) AS (SELECT merged_id, contact_id FROM merges WHERE undone_at IS NULL),
		pairs (one, two) AS (
			SELECT COALESCE(a.now, s.contact_id), COALESCE(b.now, s.other_id) FROM merge_suggestions s
			LEFT JOIN merged a ON a.id = s.contact_id LEFT JOIN merged b ON b.id = s.other_id
			WHERE s.contact_id IN (SELECT id FROM merged WHERE now = @id UNION SELECT CAST(@id AS text))
				OR s.other_id IN (SELECT id FROM merged WHERE now = @id UNION SELECT CAST(@id AS text)))
		SELECT * FROM contacts WHERE id <> @id
			AND id IN (SELECT one FROM pairs UNION SELECT two FROM pairs) ORDER BY id DESC`,
		map[string]any{"id": contactID}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load merge suggestions: %w", err)
	}
	return rows, nil
}

// givenBy returns the addresses and numbers that a contact wrote lately, in texts
// and in the fields of forms.
func givenBy(db *gorm.DB, contactID string, read AddressesIn) ([]inbox.Identity, error) {
	var rows []messageRow
	err := db.Select("body_text", "fields").Where(writtenBy, contactID).Order("id DESC").Limit(maximumRead).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the contact's messages: %w", err)
	}
	var given []inbox.Identity
	add := func(text string) {
		for _, identity := range read(text) {
			if !slices.Contains(given, identity) {
				given = append(given, identity)
			}
		}
	}
	for _, row := range rows {
		add(row.BodyText)
		for _, field := range row.Fields.V {
			for _, value := range field.Values {
				add(value)
			}
		}
	}
	return given, nil
}

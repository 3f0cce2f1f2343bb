package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// LearnIdentities completes the contact of a conversation by all that a message tells of
// him, which is mostly known. An identity that belongs to another contact is not moved:
// the timeline of the contact's latest conversation suggests a merge (G9, M9). A
// conversation whose thread has changed since was erased: its contact stays unknown (B12).
func (s *Store) LearnIdentities(ctx context.Context, conversationID, threadKey string, identities []inbox.Identity) error {
	err := s.tx(ctx, func(t *tx) error {
		contactID, err := t.lockContactOf(conversationID, threadKey)
		if err != nil || contactID == "" {
			return err
		}
		for _, identity := range identities {
			otherID, err := t.attachIdentity(contactID, identity, false)
			if err != nil {
				return err
			}
			if otherID == "" {
				continue
			}
			if err := t.suggestMerge(contactID, otherID, time.Now()); err != nil {
				return err
			}
		}
		_, err = t.indexContact(contactID)
		return err
	})
	if err != nil {
		return fmt.Errorf("learn identities: %w", err)
	}
	return nil
}

// attachIdentity gives an identity to a contact, or returns the other contact
// that has it.
func (t *tx) attachIdentity(contactID string, identity inbox.Identity, claimed bool) (otherID string, err error) {
	row := identityRow{Kind: identity.Kind, Value: identity.Value, ContactID: contactID, Claimed: claimed, CreatedAt: stampOf(time.Now())}
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if insert.Error != nil {
		return "", fmt.Errorf("attach identity: %w", insert.Error)
	}
	if insert.RowsAffected == 1 {
		return "", nil
	}
	known, err := take[identityRow](t.Where("kind = ? AND value = ?", identity.Kind, identity.Value), "identity")
	switch {
	case err != nil:
		return "", err
	case known.ContactID != contactID:
		return known.ContactID, nil
	case known.Claimed && !claimed:
		return "", t.prove(known)
	default:
		return "", nil
	}
}

// suggestMerge notes that another contact may be the same person, and tells the
// contact's latest conversation once (M9).
func (t *tx) suggestMerge(contactID, otherID string, at time.Time) error {
	if err := t.noteSuggestion(contactID, otherID, at); err != nil {
		return err
	}
	var c conversationRow
	err := t.Where("contact_id = ?", contactID).Order("id DESC").Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the contact's conversation: %w", err)
	}
	var said []eventRow
	if err := t.Where("conversation_id = ? AND kind = ?", c.ID, inbox.EventMergeSuggested).Find(&said).Error; err != nil {
		return fmt.Errorf("load suggestions: %w", err)
	}
	for _, event := range said {
		var data mergeSuggestion
		if err := json.Unmarshal(event.Data.V, &data); err != nil {
			return fmt.Errorf("read suggestion: %w", err)
		}
		if data.ContactID == otherID {
			return nil
		}
	}
	t.event(&c, inbox.EventMergeSuggested, inbox.Author{Kind: inbox.AuthorAutomation}, mergeSuggestion{otherID}, at)
	return nil
}

// mergeSuggestion is the data of EventMergeSuggested.
type mergeSuggestion struct {
	ContactID string `json:"contact_id"`
}

// indexContact makes a contact findable by its name, addresses and numbers as
// they are now, and returns it.
func (t *tx) indexContact(id string) (inbox.Contact, error) {
	row, err := take[contactRow](t.Where("id = ?", id), "contact")
	if err != nil {
		return inbox.Contact{}, err
	}
	contacts, err := withIdentities(t.DB, []contactRow{row})
	if err != nil {
		return inbox.Contact{}, err
	}
	if err := t.Delete(&contactTermRow{}, "contact_id = ?", id).Error; err != nil {
		return inbox.Contact{}, fmt.Errorf("clear search terms: %w", err)
	}
	return contacts[0], t.insertContactTerms(contacts[0])
}

// insertContactTerms makes a contact findable that was not yet.
func (t *tx) insertContactTerms(contact inbox.Contact) error {
	terms := termsOf(append([]string{contact.Name}, addresses(contact.Identities)...)...)
	if len(terms) == 0 {
		return nil
	}
	rows := convert(terms, func(term string) contactTermRow { return contactTermRow{Term: term, ContactID: contact.ID} })
	if err := t.Create(&rows).Error; err != nil {
		return fmt.Errorf("insert search terms: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/inbox"
)

// MergeContacts moves everything of one contact to another and removes the
// first (M9). The other one's name and owner stay; what it lacks is taken over.
// The timelines of the moved conversations say so.
func (s *Store) MergeContacts(ctx context.Context, fromID, intoID string, actor inbox.Author) error {
	if fromID == intoID {
		return inbox.Invalid("into_id", "A contact cannot be merged into itself.")
	}
	return s.tx(ctx, func(t *tx) error {
		if err := s.lockClaims(t, true); err != nil {
			return err
		}
		from, into, err := t.lockContacts(fromID, intoID)
		if err != nil {
			return err
		}
		if into.Name == "" {
			into.Name = from.Name
		}
		if into.OwnerID == "" {
			into.OwnerID = from.OwnerID
		}
		if err := t.Save(&into).Error; err != nil {
			return fmt.Errorf("save contact: %w", err)
		}
		if err := t.moveContact(fromID, intoID, actor); err != nil {
			return err
		}
		if err := t.followOwner(intoID, into.OwnerID); err != nil {
			return err
		}
		if err := t.Delete(&contactTermRow{}, "contact_id = ?", fromID).Error; err != nil {
			return fmt.Errorf("clear search terms: %w", err)
		}
		if err := t.Delete(&from).Error; err != nil {
			return fmt.Errorf("remove contact: %w", err)
		}
		_, err = t.indexContact(intoID)
		return err
	})
}

// lockContacts locks two contacts in the order of their ids.
func (t *tx) lockContacts(fromID, intoID string) (from, into contactRow, err error) {
	var rows []contactRow
	err = t.Clauses(forUpdate).Where("id IN ?", []string{fromID, intoID}).Order("id").Find(&rows).Error
	if err != nil {
		return from, into, fmt.Errorf("lock contacts: %w", err)
	}
	for _, row := range rows {
		if row.ID == fromID {
			from = row
		} else {
			into = row
		}
	}
	if from.ID == "" {
		return from, into, inbox.NotFound("contact")
	}
	if into.ID == "" {
		return from, into, inbox.Invalid("into_id", "There is no such contact.")
	}
	return from, into, nil
}

// moveContact moves identities, conversations, messages and tickets, in the
// order of locks.go.
func (t *tx) moveContact(fromID, intoID string, actor inbox.Author) error {
	move := func(row any) error {
		if err := t.Model(row).Where("contact_id = ?", fromID).Update("contact_id", intoID).Error; err != nil {
			return fmt.Errorf("move %T: %w", row, err)
		}
		return nil
	}
	if err := move(&identityRow{}); err != nil {
		return err
	}
	var conversations []conversationRow
	err := t.Clauses(forUpdate).Where("contact_id = ?", fromID).Order("id").Find(&conversations).Error
	if err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	err = t.Model(&messageRow{}).Where(writtenBy, fromID).Update("author_id", intoID).Error
	if err != nil {
		return fmt.Errorf("move messages: %w", err)
	}
	if err := errors.Join(move(&conversationRow{}), move(&ticketRow{})); err != nil {
		return err
	}
	at := time.Now()
	for _, c := range conversations {
		t.event(&c, inbox.EventContactResolved, actor,
			map[string]any{"contact_id": intoID, "merged_contact_id": fromID}, at)
	}
	return nil
}

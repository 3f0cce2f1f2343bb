package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// Merges lists the merges into a contact, newest first, those that were undone
// too.
func (s *Store) Merges(ctx context.Context, contactID string) ([]inbox.Merge, error) {
	if _, err := take[contactRow](s.reading(ctx).Where("id = ?", contactID), "contact"); err != nil {
		return nil, err
	}
	var rows []mergeRow
	if err := s.reading(ctx).Where("contact_id = ?", contactID).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list merges: %w", err)
	}
	return convert(rows, mergeRow.merge), nil
}

// DecideUndo returns why a merge cannot be undone at a time, nil if it can; it is
// routing.UndoMerge.
type DecideUndo func(merge inbox.Merge, at time.Time) *inbox.Error

// UndoMerge brings a merged contact back with what the merge moved, as far as the
// other one still has it, and with what was added to its conversations since: their
// messages and tickets. Everything else that came after the merge stays (M9). It
// returns the contact that is back.
func (s *Store) UndoMerge(
	ctx context.Context, contactID, mergeID string, actor inbox.Author, at time.Time, decide DecideUndo,
) (inbox.Contact, error) {
	var restored inbox.Contact
	err := s.tx(ctx, func(t *tx) error {
		if err := s.lockClaims(t, true); err != nil {
			return err
		}
		into, err := take[contactRow](t.Clauses(forUpdate).Where("id = ?", contactID), "contact")
		if err != nil {
			return err
		}
		merge, err := take[mergeRow](t.Where("id = ? AND contact_id = ?", mergeID, contactID), "merge")
		if err != nil {
			return err
		}
		if refusal := decide(merge.merge(), at); refusal != nil {
			return refusal
		}
		restored, err = t.undoMerge(&merge, into, actor, at)
		return err
	})
	if err != nil {
		return inbox.Contact{}, fmt.Errorf("undo merge: %w", err)
	}
	return restored, nil
}

func (t *tx) undoMerge(merge *mergeRow, into contactRow, actor inbox.Author, at time.Time) (inbox.Contact, error) {
	if merge.GaveName && into.Name == merge.Name {
		into.Name = ""
	}
	if merge.GaveOwner && into.OwnerID == merge.OwnerID {
		into.OwnerID = ""
	}
	from := contactRow{ID: merge.MergedID, Name: merge.Name, OwnerID: merge.OwnerID, CreatedAt: merge.Since}
	if err := errors.Join(t.Save(&into).Error, t.Create(&from).Error); err != nil {
		return inbox.Contact{}, fmt.Errorf("save contacts: %w", err)
	}
	if err := t.moveBack(merge, actor, at); err != nil {
		return inbox.Contact{}, err
	}
	if err := errors.Join(t.followOwner(from.ID, from.OwnerID), t.followOwner(into.ID, into.OwnerID)); err != nil {
		return inbox.Contact{}, err
	}
	if err := t.Model(merge).Update("undone_at", stampOf(at)).Error; err != nil {
		return inbox.Contact{}, fmt.Errorf("save merge: %w", err)
	}
	if _, err := t.indexContact(into.ID); err != nil {
		return inbox.Contact{}, err
	}
	return t.indexContact(from.ID)
}

// moveBack gives the parts of a merge back, in the order of locks.go.
func (t *tx) moveBack(merge *mergeRow, actor inbox.Author, at time.Time) error {
	from, into := merge.MergedID, merge.ContactID
	back := func(row any, id, kind string) error {
		return t.Model(row).Where("contact_id = ? AND "+id+" IN (?)", into, t.partsOf(merge, kind)).
			Update("contact_id", from).Error
	}
	if err := back(&identityRow{}, "kind || '/' || value", partIdentity); err != nil {
		return fmt.Errorf("give identities back: %w", err)
	}
	var conversations []conversationRow
	err := t.Clauses(forUpdate).Where("contact_id = ? AND id IN (?)", into, t.partsOf(merge, partConversation)).
		Order("id").Find(&conversations).Error
	if err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	// Ids grow with time: a message above the merge's came after it.
	messages := t.Model(&messageRow{}).Where(writtenBy, into).
		Where("(id IN (?) OR (id > ? AND conversation_id IN (?)))",
			t.partsOf(merge, partMessage), merge.ID, t.partsOf(merge, partConversation))
	err = errors.Join(
		messages.Update("author_id", from).Error,
		back(&conversationRow{}, "id", partConversation),
		back(&ticketRow{}, "conversation_id", partConversation),
		back(&consentRow{}, "id", partConsent),
		back(&mergeRow{}, "id", partMerge),
	)
	if err != nil {
		return fmt.Errorf("give back what was moved: %w", err)
	}
	return t.tellMoved(conversations, inbox.EventMergeUndone, actor,
		mergeData{ContactID: from, LeftContactID: into, MergeID: merge.ID}, at)
}

func (t *tx) partsOf(merge *mergeRow, kind string) *gorm.DB {
	return t.Table("merge_parts").Select("part_id").Where("merge_id = ? AND kind = ?", merge.ID, kind)
}

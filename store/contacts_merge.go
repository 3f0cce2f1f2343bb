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
// The timelines of the moved conversations say so, and their workflows are to be
// told, as NudgesDue repeats. What is moved is noted for UndoMerge.
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
		merge := mergeRow{
			ID: NewID(), ContactID: intoID, MergedID: fromID, Name: from.Name, OwnerID: from.OwnerID, Since: from.CreatedAt,
			GaveName: into.Name == "" && from.Name != "", GaveOwner: into.OwnerID == "" && from.OwnerID != "",
			ActorKind: actor.Kind, ActorID: actor.ID, CreatedAt: stampOf(time.Now()),
		}
		return t.mergeContacts(&merge, from, into)
	})
}

func (t *tx) mergeContacts(merge *mergeRow, from, into contactRow) error {
	if merge.GaveName {
		into.Name = from.Name
	}
	if merge.GaveOwner {
		into.OwnerID = from.OwnerID
	}
	if err := t.Save(&into).Error; err != nil {
		return fmt.Errorf("save contact: %w", err)
	}
	if err := t.Create(merge).Error; err != nil {
		return fmt.Errorf("save merge: %w", err)
	}
	if err := t.moveContact(merge); err != nil {
		return err
	}
	if err := t.followOwner(into.ID, into.OwnerID); err != nil {
		return err
	}
	if err := t.Delete(&contactTermRow{}, "contact_id = ?", from.ID).Error; err != nil {
		return fmt.Errorf("clear search terms: %w", err)
	}
	if err := t.Delete(&from).Error; err != nil {
		return fmt.Errorf("remove contact: %w", err)
	}
	_, err := t.indexContact(into.ID)
	return err
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

// moveContact notes and moves identities, conversations with their tickets,
// messages, consents and earlier merges, in the order of locks.go. A message that
// comes meanwhile waits for its conversation, and then finds the other contact.
func (t *tx) moveContact(merge *mergeRow) error {
	from, into := merge.MergedID, merge.ContactID
	note := func(kind, query string) error {
		err := t.Exec("INSERT INTO merge_parts (merge_id, kind, part_id) SELECT ?, ?, part FROM ("+query+") parts",
			merge.ID, kind, from).Error
		if err != nil {
			return fmt.Errorf("note what is moved: %w", err)
		}
		return nil
	}
	move := func(row any) error {
		if err := t.Model(row).Where("contact_id = ?", from).Update("contact_id", into).Error; err != nil {
			return fmt.Errorf("move %T: %w", row, err)
		}
		return nil
	}
	err := errors.Join(note(partIdentity, "SELECT kind || '/' || value AS part FROM identities WHERE contact_id = ?"),
		move(&identityRow{}))
	if err != nil {
		return err
	}
	conversations, err := t.lockConversationsOf(from)
	if err != nil {
		return err
	}
	err = errors.Join(
		note(partConversation, "SELECT id AS part FROM conversations WHERE contact_id = ?"),
		note(partMessage, "SELECT id AS part FROM messages WHERE "+writtenBy),
		note(partConsent, "SELECT id AS part FROM consents WHERE contact_id = ?"),
		note(partMerge, "SELECT id AS part FROM merges WHERE contact_id = ?"),
		move(&conversationRow{}), move(&ticketRow{}), move(&consentRow{}),
		t.Model(&messageRow{}).Where(writtenBy, from).Update("author_id", into).Error,
		// What an earlier merge gave, it gave to the one that goes.
		t.Model(&mergeRow{}).Where("contact_id = ?", from).
			Updates(map[string]any{"contact_id": into, "gave_name": false, "gave_owner": false}).Error,
	)
	if err != nil {
		return fmt.Errorf("move what is the contact's: %w", err)
	}
	return t.tellMoved(conversations, inbox.EventContactResolved, inbox.Author{Kind: merge.ActorKind, ID: merge.ActorID},
		mergeData{ContactID: into, MergedContactID: from, MergeID: merge.ID}, merge.CreatedAt.Time)
}

// Kinds of merge_parts.
const (
	partIdentity     = "identity"
	partConversation = "conversation"
	partMessage      = "message"
	partConsent      = "consent"
	partMerge        = "merge"
)

// mergeData is a merge in the timeline, and its undoing.
type mergeData struct {
	ContactID string `json:"contact_id"`
	// MergedContactID is gone; LeftContactID had the conversation until the undoing.
	MergedContactID string `json:"merged_contact_id,omitempty"`
	LeftContactID   string `json:"left_contact_id,omitempty"`
	MergeID         string `json:"merge_id"`
}

func (t *tx) lockConversationsOf(contactID string) ([]conversationRow, error) {
	var rows []conversationRow
	if err := t.Clauses(forUpdate).Where("contact_id = ?", contactID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock conversations: %w", err)
	}
	return rows, nil
}

// tellMoved notes in the conversations' timelines whose they are now, and that
// the workflows of what the contact has going on have to look.
func (t *tx) tellMoved(conversations []conversationRow, kind inbox.EventKind, actor inbox.Author, data mergeData, at time.Time) error {
	for _, c := range conversations {
		t.event(&c, kind, actor, data, at)
	}
	err := t.Model(&conversationRow{}).
		Where("contact_id = ? AND status IN ?", data.ContactID, []inbox.Status{inbox.StatusOpen, inbox.StatusWaiting}).
		Update("nudge_at", stampOf(at)).Error
	if err != nil {
		return fmt.Errorf("nudge conversations: %w", err)
	}
	return nil
}

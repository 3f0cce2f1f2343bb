package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Resolved says who is writing.
type Resolved struct {
	ContactID string `json:"contact_id"`
	// Created: the sender was unknown.
	Created bool `json:"created,omitempty"`
	// SuggestedContactIDs may be the same person: an identity of the sender
	// belongs to them (M9).
	SuggestedContactIDs []string `json:"suggested_contact_ids,omitempty"`
	// Conversation is as it is then.
	Conversation inbox.Conversation `json:"-"`
	// CloseAfterQuiet is the account's.
	CloseAfterQuiet time.Duration `json:"-"`
}

// resolvedData is the answer in the timeline.
type resolvedData struct {
	Resolved
	Episode int `json:"episode"`
}

// ResolveContact finds the contact of a conversation by its sender's
// identities, the strongest that is known first, or creates the contact (G9).
// Identities that nobody has become the contact's, one of somebody else stays
// his and suggests a merge. A conversation keeps the contact it has. However
// many messages of one sender come at once, they get one contact. The message
// that began the episode is confirmed: its workflow knows of it.
func (s *Store) ResolveContact(ctx context.Context, ref inbox.EpisodeRef) (Resolved, error) {
	for {
		var resolved Resolved
		err := s.tx(ctx, func(t *tx) (err error) {
			at := stored(time.Now())
			resolved, err = t.resolveContact(ref, at)
			return err
		})
		if errors.Is(err, errOutdated) {
			continue
		}
		if err != nil {
			return Resolved{}, fmt.Errorf("resolve contact: %w", err)
		}
		return resolved, nil
	}
}

// senderRow is a conversation and who began its episode.
type senderRow struct {
	Conversation conversationRow `gorm:"embedded"`
	Sender       jsonOf[inbox.Sender]
	// CloseAfterQuiet is the account's.
	CloseAfterQuiet time.Duration
}

func (t *tx) resolveContact(ref inbox.EpisodeRef, at time.Time) (Resolved, error) {
	row, err := take[senderRow](t.Raw(`SELECT c.*, (SELECT sender FROM messages m
			WHERE m.conversation_id = c.id AND m.episode = c.episode AND m.opened LIMIT 1) AS sender,
			(SELECT close_after_quiet FROM account) AS close_after_quiet
		FROM conversations c WHERE c.id = ?`, ref.ConversationID), "conversation")
	if err != nil {
		return Resolved{}, err
	}
	c, resolved := row.Conversation, Resolved{}
	if c.ContactID != "" {
		if resolved, err = t.resolvedBefore(&c); err != nil {
			return Resolved{}, err
		}
		err = t.confirmOpening(ref, at)
	} else {
		if resolved, err = t.resolveSender(row.Sender.V, at); err != nil {
			return Resolved{}, err
		}
		err = t.setContact(&c, ref, resolved, at)
	}
	c.ContactID = resolved.ContactID
	resolved.Conversation, resolved.CloseAfterQuiet = c.conversation(), row.CloseAfterQuiet
	return resolved, err
}

// resolveSender finds the sender's contact or creates it. It is errOutdated
// when another transaction was faster.
func (t *tx) resolveSender(sender inbox.Sender, at time.Time) (Resolved, error) {
	known, err := t.known(sender.Identities)
	if err != nil {
		return Resolved{}, err
	}
	if len(known) == 0 {
		return t.createContact(sender, nil, at)
	}
	return t.recognise(sender, known, nil)
}

// resolvedBefore repeats the answer given in this episode; in a later one the
// contact is known.
func (t *tx) resolvedBefore(c *conversationRow) (Resolved, error) {
	var data resolvedData
	if _, err := t.lastEvent(c.ID, &data, inbox.EventContactResolved); err != nil {
		return Resolved{}, err
	}
	resolved := Resolved{ContactID: c.ContactID}
	if data.Episode == c.Episode && data.ContactID == c.ContactID {
		resolved = data.Resolved
	}
	return resolved, nil
}

// known returns the rows of the identities that somebody has, in their order.
func (t *tx) known(identities []inbox.Identity) ([]identityRow, error) {
	if len(identities) == 0 {
		return nil, nil
	}
	query := t.DB
	for _, identity := range identities {
		query = query.Or("kind = ? AND value = ?", identity.Kind, identity.Value)
	}
	var rows []identityRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("look up identities: %w", err)
	}
	slices.SortFunc(rows, func(a, b identityRow) int {
		return cmp.Compare(slices.Index(identities, a.identity()), slices.Index(identities, b.identity()))
	})
	return rows, nil
}

// createContact creates the sender, who only claims some of the identities. It is
// errOutdated when another transaction made one of them known meanwhile.
func (t *tx) createContact(sender inbox.Sender, claimed []inbox.Identity, at time.Time) (Resolved, error) {
	row := contactRow{ID: NewID(), Name: sender.Name, CreatedAt: stampOf(at)}
	if err := t.Create(&row).Error; err != nil {
		return Resolved{}, fmt.Errorf("create contact: %w", err)
	}
	identities := inOrder(sender.Identities)
	if len(identities) > 0 {
		rows := convert(identities, func(identity inbox.Identity) identityRow {
			return identityRow{
				Kind: identity.Kind, Value: identity.Value, ContactID: row.ID, Claimed: slices.Contains(claimed, identity), CreatedAt: row.CreatedAt,
			}
		})
		insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
		if insert.Error != nil {
			return Resolved{}, fmt.Errorf("create identities: %w", insert.Error)
		}
		if insert.RowsAffected < int64(len(rows)) {
			return Resolved{}, errOutdated
		}
	}
	contact := inbox.Contact{ID: row.ID, Name: row.Name, Identities: identities}
	return Resolved{ContactID: row.ID, Created: true}, t.insertContactTerms(contact)
}

// recognise returns the contact that has the first of the known identities and
// completes it by what the sender says or only claims. A browser does not become the
// contact's by an address that was typed into it: nobody has proved that it is his.
func (t *tx) recognise(sender inbox.Sender, known []identityRow, claimed []inbox.Identity) (Resolved, error) {
	resolved := Resolved{ContactID: known[0].ContactID}
	suggest := func(contactID string) {
		if contactID != "" && contactID != resolved.ContactID && !slices.Contains(resolved.SuggestedContactIDs, contactID) {
			resolved.SuggestedContactIDs = append(resolved.SuggestedContactIDs, contactID)
		}
	}
	// Before its identities, as everybody does: see locks.go.
	contact, err := take[contactRow](t.Clauses(forUpdate).Where("id = ?", resolved.ContactID), "contact")
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return Resolved{}, errOutdated // merged away meanwhile
	}
	if err != nil {
		return Resolved{}, err
	}
	// What was erased or merged meanwhile is known no more.
	if known, err = t.known(sender.Identities); err != nil {
		return Resolved{}, err
	}
	if len(known) == 0 || known[0].ContactID != contact.ID {
		return Resolved{}, errOutdated
	}
	for _, row := range known {
		suggest(row.ContactID)
		if row.Claimed && row.ContactID == contact.ID && !slices.Contains(claimed, row.identity()) {
			if err := t.prove(row); err != nil {
				return Resolved{}, err
			}
		}
	}
	changed := false
	if contact.Name == "" && sender.Name != "" {
		changed = true
		if err := t.Model(&contact).Update("name", sender.Name).Error; err != nil {
			return Resolved{}, fmt.Errorf("name contact: %w", err)
		}
	}
	for _, identity := range inOrder(sender.Identities) {
		if slices.ContainsFunc(known, func(r identityRow) bool { return r.identity() == identity }) ||
			identity.Kind == inbox.IdentityCookie && known[0].Kind != inbox.IdentityCookie {
			continue
		}
		changed = true
		otherID, err := t.attachIdentity(contact.ID, identity, slices.Contains(claimed, identity))
		if err != nil {
			return Resolved{}, err
		}
		suggest(otherID)
	}
	if changed {
		_, err = t.indexContact(contact.ID)
	}
	return resolved, err
}

// setContact writes whose conversation it is, unless somebody else has, and
// confirms the message that began the episode.
func (t *tx) setContact(c *conversationRow, ref inbox.EpisodeRef, resolved Resolved, at time.Time) error {
	update := t.Model(&conversationRow{}).Where("id = ? AND contact_id = ''", c.ID).Update("contact_id", resolved.ContactID)
	if update.Error != nil {
		return fmt.Errorf("save the conversation's contact: %w", update.Error)
	}
	if update.RowsAffected == 0 {
		return errOutdated
	}
	err := t.Model(&messageRow{}).
		Where("conversation_id = ? AND author_kind = ? AND author_id = ''", c.ID, inbox.AuthorContact).
		Updates(map[string]any{
			"author_id": resolved.ContactID,
			"dispatched_at": gorm.Expr("CASE WHEN episode = ? AND opened THEN COALESCE(dispatched_at, ?) ELSE dispatched_at END",
				ref.Episode, stampOf(at)),
		}).Error
	if err != nil {
		return fmt.Errorf("save the messages' author: %w", err)
	}
	t.event(c, inbox.EventContactResolved, automation, resolvedData{resolved, c.Episode}, at)
	for _, id := range resolved.SuggestedContactIDs {
		if err := t.noteSuggestion(resolved.ContactID, id, at); err != nil {
			return err
		}
		t.event(c, inbox.EventMergeSuggested, automation, mergeSuggestion{id}, at)
	}
	return nil
}

// confirmOpening records that the workflow knows of the message that began the
// episode.
func (t *tx) confirmOpening(ref inbox.EpisodeRef, at time.Time) error {
	err := t.Model(&messageRow{}).
		Where("conversation_id = ? AND episode = ? AND opened AND dispatched_at IS NULL", ref.ConversationID, ref.Episode).
		Update("dispatched_at", stampOf(at)).Error
	if err != nil {
		return fmt.Errorf("confirm message: %w", err)
	}
	return nil
}

// inOrder returns the identities each once, in the order in which they are
// locked.
func inOrder(identities []inbox.Identity) []inbox.Identity {
	sorted := slices.SortedFunc(slices.Values(identities), func(a, b inbox.Identity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return slices.Compact(sorted)
}

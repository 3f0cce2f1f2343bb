package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// Identify notes what somebody says about himself outside a message. The first
// identity is who says it; what nobody has of the others becomes his, in the place of
// what he claimed before, and one of somebody else suggests a merge in the contact's
// latest conversation (G9, M9): nobody has proved it.
func (s *Store) Identify(ctx context.Context, sender inbox.Sender) error {
	err := s.latest(ctx, func(t *tx) error {
		_, err := t.identify(sender, sender.Identities[1:], stored(time.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("identify contact: %w", err)
	}
	return nil
}

// latest runs a transaction again as long as others are faster (errOutdated).
func (s *Store) latest(ctx context.Context, f func(*tx) error) error {
	for {
		if err := s.tx(ctx, f); !errors.Is(err, errOutdated) {
			return err
		}
	}
}

// identify finds or creates a sender's contact, who only claims some of the identities,
// and suggests merges. It is errOutdated when another transaction was faster.
func (t *tx) identify(sender inbox.Sender, claimed []inbox.Identity, at time.Time) (contactID string, err error) {
	resolved, err := t.claim(sender, claimed, at)
	if err != nil {
		return "", err
	}
	for _, other := range resolved.SuggestedContactIDs {
		if err := t.suggestMerge(resolved.ContactID, other, at); err != nil {
			return "", err
		}
	}
	return resolved.ContactID, nil
}

// claim finds the contact that has the sender's first identity, or creates it
// without those that others have.
func (t *tx) claim(sender inbox.Sender, claimed []inbox.Identity, at time.Time) (Resolved, error) {
	known, err := t.known(sender.Identities)
	if err != nil {
		return Resolved{}, err
	}
	if len(known) > 0 && known[0].identity() == sender.Identities[0] {
		resolved, err := t.recognise(sender, known, claimed)
		if err != nil {
			return Resolved{}, err
		}
		return resolved, t.giveWay(resolved.ContactID, claimed)
	}
	var others []string
	for _, row := range known {
		if !slices.Contains(others, row.ContactID) {
			others = append(others, row.ContactID)
		}
	}
	own := slices.DeleteFunc(slices.Clone(sender.Identities), func(identity inbox.Identity) bool {
		return slices.ContainsFunc(known, func(row identityRow) bool { return row.identity() == identity })
	})
	resolved, err := t.createContact(inbox.Sender{Name: sender.Name, Identities: own}, claimed, at)
	resolved.SuggestedContactIDs = others
	return resolved, err
}

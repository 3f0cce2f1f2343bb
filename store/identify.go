package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Identify notes what somebody says about himself outside a message: the
// contact is found or created as by ResolveContact, and an identity of somebody
// else suggests a merge in the contact's latest conversation (G9, M9).
func (s *Store) Identify(ctx context.Context, sender inbox.Sender) error {
	for {
		err := s.tx(ctx, func(t *tx) error {
			_, err := t.identify(sender, stored(time.Now()))
			return err
		})
		if errors.Is(err, errOutdated) {
			continue
		}
		if err != nil {
			return fmt.Errorf("identify contact: %w", err)
		}
		return nil
	}
}

// identify finds or creates a sender's contact and suggests merges. It is
// errOutdated when another transaction was faster.
func (t *tx) identify(sender inbox.Sender, at time.Time) (contactID string, err error) {
	resolved, err := t.resolveSender(sender, at)
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

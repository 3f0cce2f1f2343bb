package store

import (
	"fmt"
	"slices"

	"switchboard/inbox"
)

// giveWay takes from a contact what he only claimed before, of the kinds he claims now:
// who names another address corrects himself, and the one before may be a stranger's.
func (t *tx) giveWay(contactID string, claimed []inbox.Identity) error {
	kinds := convert(claimed, func(identity inbox.Identity) inbox.IdentityKind { return identity.Kind })
	var before []identityRow
	if err := t.Where("contact_id = ? AND claimed AND kind IN ?", contactID, kinds).Find(&before).Error; err != nil {
		return fmt.Errorf("load claims: %w", err)
	}
	gone := slices.DeleteFunc(before, func(row identityRow) bool { return slices.Contains(claimed, row.identity()) })
	if len(gone) == 0 {
		return nil
	}
	if err := t.Delete(&gone).Error; err != nil {
		return fmt.Errorf("replace claims: %w", err)
	}
	_, err := t.indexContact(contactID)
	return err
}

// prove keeps what was only claimed: somebody wrote from there, or an agent to it, or
// the website vouches for it.
func (t *tx) prove(row identityRow) error {
	if err := t.Model(&row).Update("claimed", false).Error; err != nil {
		return fmt.Errorf("prove claim: %w", err)
	}
	return nil
}

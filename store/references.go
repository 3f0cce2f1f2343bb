package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// refer refuses ids that do not exist, naming the input's field.
func refer[R any](t *tx, noun, field string, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	var known []string
	if err := t.Model(new(R)).Where("id IN ?", ids).Pluck("id", &known).Error; err != nil {
		return fmt.Errorf("look up %s: %w", noun, err)
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return inbox.Invalid(field, "There is no such %s.", noun)
		}
	}
	return nil
}

// given returns the ids that are not "", for references that may be none.
func given(ids ...string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// changed returns an update's error, or NotFound of the noun when it met no row.
func changed(update *gorm.DB, noun string) error {
	if update.Error != nil {
		return fmt.Errorf("save %s: %w", noun, update.Error)
	}
	if update.RowsAffected == 0 {
		return inbox.NotFound(noun)
	}
	return nil
}

// unique turns a broken unique constraint into a conflict that a user
// understands.
func unique(err error, code inbox.Code, sentence string) error {
	if isDuplicate(err) {
		return inbox.Errorf(code, "%s", sentence)
	}
	return err
}

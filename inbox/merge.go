package inbox

import "time"

// Merge is two contacts that were made one by hand (M9).
type Merge struct {
	ID string
	// ContactID has everything now; MergedID is gone, and Name and OwnerID were
	// that one's.
	ContactID, MergedID string
	Name, OwnerID       string
	Actor               Author
	At                  time.Time
	// UndoneAt is zero while the merge stands.
	UndoneAt time.Time
}

// MergeReason is why two contacts may be one person.
type MergeReason string

const (
	// MergeAddressGiven: one gave an address or number that is the other's.
	MergeAddressGiven MergeReason = "address_given"
	// MergeNameAndAddress: both have the same name, and an address or number that
	// is known of one or was written by him is also the other's.
	MergeNameAndAddress MergeReason = "same_name_and_address"
)

// MergeSide is a contact as far as it matters for a suggestion.
type MergeSide struct {
	Contact Contact
	// Given are addresses and numbers from what the contact wrote.
	Given []Identity
	// Pointed: one of the two gave an address that the other was known by then.
	Pointed bool
}

// MergeSuggestion is a contact that may be the same person as another.
type MergeSuggestion struct {
	Contact Contact
	Reasons []MergeReason
}

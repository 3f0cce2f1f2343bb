package routing

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"switchboard/inbox"
)

// undoMergeWithin is how long a merge can be undone (M9).
const undoMergeWithin = 30 * 24 * time.Hour

// MergeUndoableUntil is the end of the time in which a merge can be undone (M9).
func MergeUndoableUntil(merge inbox.Merge) time.Time { return merge.At.Add(undoMergeWithin) }

// UndoMerge returns why a merge cannot be undone at a time, nil if it can (M9).
func UndoMerge(merge inbox.Merge, now time.Time) *inbox.Error {
	switch {
	case !merge.UndoneAt.IsZero():
		return inbox.Errorf(inbox.CodeConflict, "This merge was undone already.")
	case now.After(MergeUndoableUntil(merge)):
		return inbox.Errorf(inbox.CodeMergeExpired, "A merge can be undone for 30 days, and these are over.")
	default:
		return nil
	}
}

// SuggestMerges returns which of the others may be the same person as a contact,
// in their order (M9). Two contacts with the same name need an address or number
// in common; one that gave the other's address needs nothing else.
func SuggestMerges(contact inbox.MergeSide, others []inbox.MergeSide) []inbox.MergeSuggestion {
	name, known := plainName(contact.Contact.Name), reachedAt(contact)
	var suggestions []inbox.MergeSuggestion
	for _, other := range others {
		var reasons []inbox.MergeReason
		if other.Pointed {
			reasons = append(reasons, inbox.MergeAddressGiven)
		}
		shared := slices.ContainsFunc(reachedAt(other), func(i inbox.Identity) bool { return slices.Contains(known, i) })
		if name != "" && name == plainName(other.Contact.Name) && shared {
			reasons = append(reasons, inbox.MergeNameAndAddress)
		}
		if len(reasons) > 0 {
			suggestions = append(suggestions, inbox.MergeSuggestion{Contact: other.Contact, Reasons: reasons})
		}
	}
	return suggestions
}

// reachedAt are the addresses and numbers of a side, as they are compared.
func reachedAt(side inbox.MergeSide) []inbox.Identity {
	var found []inbox.Identity
	for _, identity := range slices.Concat(side.Contact.Identities, side.Given) {
		switch identity.Kind {
		case inbox.IdentityEmail:
			found = append(found, inbox.EmailIdentity(identity.Value))
		case inbox.IdentityPhone:
			found = append(found, inbox.Identity{Kind: identity.Kind, Value: plainNumber(identity.Value)})
		}
	}
	return found
}

// plainName is a name without case and doubled space.
func plainName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// plainNumber is a number's digits with the international prefix as "+".
func plainNumber(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		digits = rest
	}
	return "+" + digits
}

var (
	writtenAddress = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	// writtenNumber is a number in international form: another one is a different
	// number in each country.
	writtenNumber = regexp.MustCompile(`(?:\+|\b00)[1-9](?:[ ()./-]{0,2}\d){6,14}\b`)
)

// AddressesIn returns the mail addresses and international numbers that a text
// mentions.
func AddressesIn(text string) []inbox.Identity {
	var found []inbox.Identity
	for _, address := range writtenAddress.FindAllString(text, -1) {
		found = append(found, inbox.EmailIdentity(address))
	}
	for _, number := range writtenNumber.FindAllString(text, -1) {
		found = append(found, inbox.Identity{Kind: inbox.IdentityPhone, Value: plainNumber(number)})
	}
	return found
}

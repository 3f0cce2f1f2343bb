package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"switchboard/inbox"
)

const (
	maximumTerms = 32
	// maximumTermLength is in bytes; longer words are not searchable.
	maximumTermLength = 100
)

// termsOf returns the lower-cased whole words of texts, each once. A mail
// address is a word as a whole and in its parts.
func termsOf(texts ...string) []string {
	var terms []string
	add := func(term string) {
		term = strings.ToLower(term)
		if len(terms) < maximumTerms && term != "" && len(term) <= maximumTermLength && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	for _, text := range texts {
		for word := range strings.FieldsSeq(text) {
			if strings.Contains(strings.Trim(word, "@"), "@") {
				add(strings.TrimFunc(word, unicode.IsPunct))
			}
			for part := range strings.FieldsFuncSeq(word, notInWord) {
				add(part)
			}
		}
	}
	return terms
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

// searchTerms returns what a query asks for: every whole word, a mail address
// as a whole.
func searchTerms(q string) []string {
	var terms []string
	for word := range strings.FieldsSeq(q) {
		found := termsOf(word)
		if len(found) > 0 && strings.Contains(found[0], "@") {
			found = found[:1]
		}
		terms = append(terms, found...)
	}
	return terms
}

// addresses returns the identities that people search for.
func addresses(identities []inbox.Identity) []string {
	var values []string
	for _, identity := range identities {
		if identity.Kind == inbox.IdentityEmail || identity.Kind == inbox.IdentityPhone {
			values = append(values, identity.Value)
		}
	}
	return values
}

// insertTerms makes a new conversation findable.
func (t *tx) insertTerms(conversationID, subject string, sender inbox.Sender) error {
	// The sender first: a long subject must not push it out.
	terms := termsOf(append([]string{sender.Name}, append(addresses(sender.Identities), subject)...)...)
	if len(terms) == 0 {
		return nil
	}
	rows := convert(terms, func(term string) conversationTermRow {
		return conversationTermRow{Term: term, ConversationID: conversationID}
	})
	if err := t.Create(&rows).Error; err != nil {
		return fmt.Errorf("insert search terms: %w", err)
	}
	return nil
}

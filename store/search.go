package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"
)

const (
	// searchChunk is how many rows with a word are looked up together.
	searchChunk = 500
	// searchChunks bounds how many chunks one page looks at.
	searchChunks = 4
	// searchSlice is how many of them are read together; the first slices often
	// fill a page.
	searchSlice = 100
	// searchWords bounds how many words of a query count.
	searchWords = 8
)

// wordIndex is a table of the whole words of rows.
type wordIndex struct{ table, id string }

var (
	conversationWords = wordIndex{"conversation_terms", "conversation_id"}
	contactWords      = wordIndex{"contact_terms", "contact_id"}
)

// search lists the query's rows that have every word of q, newest first. It
// goes through the rows that have the rarest word and looks at a bounded number
// of them, so a page may hold fewer than the limit and still have a next
// cursor.
func search[R any](db *gorm.DB, words wordIndex, q string, narrow func(*gorm.DB) *gorm.DB, page Page, id func(R) string) ([]R, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	key, err := page.key(1)
	if err != nil {
		return nil, "", err
	}
	before := key[0]
	terms := searchTerms(q)
	terms = terms[:min(len(terms), searchWords)]
	term, candidates, err := words.rarest(db, terms, before)
	if err != nil {
		return nil, "", err
	}
	var rows []R
	for range searchChunks {
		if len(candidates) == 0 {
			return rows, "", nil
		}
		for slice := range slices.Chunk(candidates, searchSlice) {
			var found []R
			query := narrow(words.all(db, slice, terms)).Order("id DESC").Limit(limit + 1 - len(rows))
			if err := query.Find(&found).Error; err != nil {
				return nil, "", fmt.Errorf("search: %w", err)
			}
			if rows = append(rows, found...); len(rows) > limit {
				rows, cursor := next(rows, limit, func(row R) string { return cursorOf(id(row)) })
				return rows, cursor, nil
			}
		}
		if len(candidates) < searchChunk {
			return rows, "", nil
		}
		before = candidates[len(candidates)-1]
		if candidates, err = words.with(db, term, before); err != nil {
			return nil, "", err
		}
	}
	return rows, cursorOf(before), nil
}

// rarest returns the term that the fewest rows have, as far as one chunk tells,
// and its first chunk.
func (w wordIndex) rarest(db *gorm.DB, terms []string, before string) (term string, chunk []string, err error) {
	for i, candidate := range terms {
		found, err := w.with(db, candidate, before)
		if err != nil {
			return "", nil, err
		}
		if i == 0 || len(found) < len(chunk) {
			term, chunk = candidate, found
		}
	}
	return term, chunk, nil
}

// with returns a chunk of ids of rows that have the term, newest first, older
// than one; "" is from the start.
func (w wordIndex) with(db *gorm.DB, term, before string) ([]string, error) {
	query := db.Table(w.table).Where("term = ?", term)
	if before != "" {
		query = query.Where(w.id+" < ?", before)
	}
	var ids []string
	if err := query.Order(w.id+" DESC").Limit(searchChunk).Pluck(w.id, &ids).Error; err != nil {
		return nil, fmt.Errorf("search for a word: %w", err)
	}
	return ids, nil
}

// all selects those of the candidates that have every term.
func (w wordIndex) all(db *gorm.DB, candidates, terms []string) *gorm.DB {
	query := db.Where("id IN ?", candidates)
	if len(terms) > 1 {
		query = query.Where("? = (SELECT count(*) FROM "+w.table+" w WHERE w."+w.id+" = id AND w.term IN ?)",
			len(terms), terms)
	}
	return query
}

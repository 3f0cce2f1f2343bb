package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// Page asks for a part of a list.
type Page struct {
	// Cursor is the previous page's next cursor, "" for the first page.
	Cursor string
	// Limit is 1 to 200; 0 is 50.
	Limit int
}

const (
	defaultLimit = 50
	maximumLimit = 200
)

func (p Page) limit() (int, error) {
	switch {
	case p.Limit == 0:
		return defaultLimit, nil
	case p.Limit < 1 || p.Limit > maximumLimit:
		return 0, inbox.Invalid("limit", "The limit must be between 1 and %d.", maximumLimit)
	default:
		return p.Limit, nil
	}
}

// key returns the key of the last row of the previous page, "" parts when this
// is the first.
func (p Page) key(parts int) ([]string, error) {
	if p.Cursor == "" {
		return make([]string, parts), nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	key := strings.Split(string(raw), "\n")
	if err != nil || len(key) != parts || slices.Contains(key, "") || strings.ContainsRune(string(raw), 0) || !utf8.Valid(raw) {
		return nil, badCursor()
	}
	return key, nil
}

func badCursor() error {
	return inbox.Invalid("cursor", "The cursor is not one that a list has returned.")
}

func cursorOf(key ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(key, "\n")))
}

// next cuts what was fetched, one row more than asked for, to the page and
// returns the next cursor.
func next[R any](rows []R, limit int, cursor func(R) string) ([]R, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], cursor(rows[limit-1])
}

// order is a direction of a list by id.
type order struct{ after, by string }

var (
	oldestFirst = order{"id > ?", "id"}
	newestFirst = order{"id < ?", "id DESC"}
)

// pageByID fetches a page of the query's rows by id.
func pageByID[R any](query *gorm.DB, page Page, order order, id func(R) string) ([]R, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	key, err := page.key(1)
	if err != nil {
		return nil, "", err
	}
	if key[0] != "" {
		query = query.Where(order.after, key[0])
	}
	var rows []R
	if err := query.Order(order.by).Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list %T: %w", *new(R), err)
	}
	rows, cursor := next(rows, limit, func(row R) string { return cursorOf(id(row)) })
	return rows, cursor, nil
}

// reading returns a session for queries outside transactions.
func (s *Store) reading(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// take returns the query's row, or NotFound of the noun.
func take[R any](query *gorm.DB, noun string) (R, error) {
	var row R
	err := query.Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, inbox.NotFound(noun)
	}
	if err != nil {
		return row, fmt.Errorf("load %s: %w", noun, err)
	}
	return row, nil
}

// convert maps rows to nouns.
func convert[R, N any](rows []R, noun func(R) N) []N {
	nouns := make([]N, len(rows))
	for i, row := range rows {
		nouns[i] = noun(row)
	}
	return nouns
}

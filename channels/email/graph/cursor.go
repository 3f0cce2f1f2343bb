package graph

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// mode is what the pages that come next are of.
type mode string

const (
	// first is the walk through the whole inbox that only finds the place where
	// new mail begins.
	first mode = "first"
	// resync is a walk through the whole inbox for what was missed.
	resync mode = "resync"
	// changes are what happened since the last look.
	changes mode = "changes"
)

// place is how far the inbox was read.
type place struct {
	mode mode
	// newest is when the newest message had come as the first walk began; zero
	// when there was none.
	newest time.Time
	// link is the next page; "" is a walk's first.
	link string
}

// brings reports whether a message is to be read. What was there before the
// first walk never is, whoever changes it or moves it here; what arrives while
// a walk is under way is new.
func (p place) brings(receivedAt time.Time) bool { return receivedAt.After(p.newest) }

// String is the cursor.
func (p place) String() string {
	values := url.Values{"link": {p.link}, "newest": {p.newest.Format(time.RFC3339Nano)}}
	return string(p.mode) + "?" + values.Encode()
}

// parsePlace reads a cursor; one that is a link alone is of changes.
func parsePlace(cursor string) place {
	name, query, _ := strings.Cut(cursor, "?")
	values, err := url.ParseQuery(query)
	newest, notATime := time.Parse(time.RFC3339Nano, values.Get("newest"))
	if err != nil || notATime != nil || !slices.Contains([]mode{first, resync, changes}, mode(name)) {
		return place{mode: changes, link: cursor}
	}
	return place{mode: mode(name), newest: newest, link: values.Get("link")}
}

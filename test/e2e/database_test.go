package e2e

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads and changes what a running dev keeps
)

// database is what a running system keeps in SQLite, by a connection of the test's own.
type database struct{ *sql.DB }

func (f *strictFacebook) database(t *testing.T) database {
	t.Helper()
	return openDatabase(t, filepath.Join(f.data, "switchboard.db"))
}

func openDatabase(t *testing.T, path string) database {
	t.Helper()
	file := url.URL{Scheme: "file", Opaque: path, RawQuery: fmt.Sprintf("_pragma=busy_timeout(%d)", patience.Milliseconds())}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return database{db}
}

// timeFormat is how a time is kept.
const timeFormat = "2006-01-02 15:04:05.000000Z"

// lateBy makes the next tries of what is under way, and the ends of snoozes, so late.
func (d database) lateBy(t *testing.T, late time.Duration) {
	t.Helper()
	at := time.Now().UTC().Add(-late).Format(timeFormat)
	for _, statement := range []string{
		`UPDATE messages SET dispatched_at = $1, next_try_at = $1 WHERE direction = 'out' AND state = 'pending'`,
		`UPDATE notices SET next_try_at = $1 WHERE state = 'pending'`,
		`UPDATE conversations SET snoozed_until = $1 WHERE status = 'snoozed'`,
	} {
		if _, err := d.Exec(statement, at); err != nil {
			t.Fatal(err)
		}
	}
}

// callersWait gives whoever is calling an hour more to wait, so that the caller is not
// gone before a slow machine has started what the test killed.
func (d database) callersWait(t *testing.T) {
	t.Helper()
	later := time.Now().Add(time.Hour).UTC().Format(timeFormat)
	if _, err := d.Exec(`UPDATE calls SET changed_at = ?, seen_at = ? WHERE ended_at IS NULL`, later, later); err != nil {
		t.Fatal(err)
	}
}

// makeOlder makes the one message of a conversation that is held back older, and
// returns its sealed copy.
func (d database) makeOlder(t *testing.T, conversationID string, by time.Duration) (sealed string) {
	t.Helper()
	var id, created, until string
	err := d.QueryRow(`SELECT id, created_at, sealed_until, sealed FROM messages WHERE conversation_id = ? AND sealed IS NOT NULL`,
		conversationID).Scan(&id, &created, &until, &sealed)
	if err != nil {
		t.Fatalf("find what is held back: %v", err)
	}
	earlier := func(stored string) string {
		at, err := time.Parse(timeFormat, stored)
		if err != nil {
			t.Fatal(err)
		}
		return at.Add(-by).Format(timeFormat)
	}
	if _, err := d.Exec(`UPDATE messages SET created_at = ?, sealed_until = ? WHERE id = ?`, earlier(created), earlier(until), id); err != nil {
		t.Fatal(err)
	}
	return sealed
}

// tables is what each table has, as text.
func (d database) tables(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, name := range d.column(t, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		texts[name] = strings.Join(d.column(t, `SELECT * FROM "`+name+`"`), "\n")
	}
	if texts["messages"] == "" {
		t.Fatal("the database has no messages")
	}
	return texts
}

// column is each row of an answer as text.
func (d database) column(t *testing.T, query string) (lines []string) {
	t.Helper()
	rows, err := d.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, pointers := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for _, value := range values {
			fmt.Fprintf(&line, "%s ", value)
		}
		lines = append(lines, strings.TrimSuffix(line.String(), " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

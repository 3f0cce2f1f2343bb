package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/store"
	"switchboard/store/pgtest"
)

// emptyDatabases make the URL of a database without tables.
var emptyDatabases = map[string]func(*testing.T) string{
	"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db") },
	"postgres": func(t *testing.T) string { return pgtest.Empty(t) },
}

func TestProcessesMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for name, url := range emptyDatabases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			var processes sync.WaitGroup
			for range 4 {
				processes.Go(func() {
					s, err := store.Open(t.Context(), url)
					if err != nil {
						t.Error(err)
						return
					}
					defer s.Close()
					if err := s.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
					if migrated, err := s.Migrated(t.Context()); err != nil || !migrated {
						t.Errorf("migrated = %t, %v", migrated, err)
					}
				})
			}
			processes.Wait()
		})
	}
}

// A number below one that a database has already would never be applied there.
func TestMigrationsAreNumberedWithoutGapsAlikeForBothDatabases(t *testing.T) {
	t.Parallel()
	var names [2][]string
	for i, database := range []string{"sqlite", "postgres"} {
		paths, err := filepath.Glob(filepath.Join("migrations", database, "*.sql"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%d migrations, %v", len(paths), err)
		}
		for n, path := range paths {
			name := filepath.Base(path)
			if !strings.HasPrefix(name, fmt.Sprintf("%05d_", n+1)) {
				t.Errorf("%s has the migration %s in the place of number %d", database, name, n+1)
			}
			names[i] = append(names[i], name)
		}
	}
	if !slices.Equal(names[0], names[1]) {
		t.Errorf("SQLite has %v, PostgreSQL %v", names[0], names[1])
	}
}

func TestMissingMigrationsAreNoticed(t *testing.T) {
	t.Parallel()
	for name, url := range emptyDatabases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), url(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if migrated, err := s.Migrated(t.Context()); err != nil || migrated {
				t.Fatalf("migrated = %t, %v; want false before Migrate", migrated, err)
			}
		})
	}
}

// Production migrates while the version before still serves.
func TestTheVersionBeforeWritesOnAfterTheMailMigration(t *testing.T) {
	t.Parallel()
	for name, url := range emptyDatabases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), url(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			store.MigrateTo(t, s, 1)
			const at = "2026-11-16 12:00:00.000000Z"
			writes := func(id string) {
				store.Exec(t, s, `INSERT INTO messages (id, conversation_id, channel_id, episode, opened, direction, author_kind,
					author_id, body_text, body_html, state, error_code, provider_message_id, client_id, created_at)
					VALUES (?, 'c', 'h', 1, true, 'in', 'contact', '', 'Hello', '', 'received', '', ?, '', ?)`, id, id, at)
				store.Exec(t, s, `INSERT INTO attachments (id, message_id, name, content_type, size, digest)
					VALUES (?, ?, 'a.png', 'image/png', 1, 'd')`, id, id)
			}
			store.Exec(t, s, `INSERT INTO inboxes VALUES ('i', 'Support', 0, ?)`, at)
			store.Exec(t, s, `INSERT INTO channels VALUES ('h', 'i', 'chat', 'Website', true, 'connected', '', 1, '{}', '{}', '{}', ?, NULL)`, at)
			store.Exec(t, s, `INSERT INTO conversations (id, inbox_id, channel_id, channel_kind, thread_key, status, subject,
				contact_id, assignee_id, team_id, given_team_id, previous_assignee_id, ticket_id, episode, channel_revision,
				priority_rank, window_state, passed_agent_ids, reply_to, tags, decision_key, created_at, last_message_at)
				VALUES ('c', 'i', 'h', 'chat', 't', 'open', '', '', '', '', '', '', '', 1, 1, 1, 'none', '[]', '', '[]', '', ?, ?)`, at, at)
			store.Exec(t, s, `INSERT INTO blobs VALUES ('d', 'x')`)
			writes("before")
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			writes("after")
			due, err := s.Undispatched(t.Context(), time.Now().Add(time.Hour), 10)
			if err != nil || len(due) != 2 {
				t.Errorf("due %+v, %v", due, err)
			}
			channel := must(s.Channel(t.Context(), "h"))(t)
			if channel.HostedToken != "" || channel.Confirmation != nil || channel.Name != "Website" {
				t.Errorf("channel %+v", channel)
			}
			for _, id := range []string{"before", "after"} {
				if m := must(s.Message(t.Context(), id))(t); m.Automatic || len(m.Attachments) != 1 {
					t.Errorf("message %+v", m)
				}
			}
		})
	}
}

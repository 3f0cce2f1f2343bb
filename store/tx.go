package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"switchboard/inbox"
)

// forUpdate locks the selected rows on PostgreSQL. On SQLite the transaction
// is the lock, and the clause is left out.
var forUpdate = clause.Locking{Strength: "UPDATE"}

// eventsLock is the key of the advisory lock under which events are inserted.
const eventsLock = 0x7377_6264 // "swbd"

// attempts bounds how often a transaction starts over after a collision.
const attempts = 5

// tx is one transaction and the events it will append.
type tx struct {
	*gorm.DB
	events []eventRow
	err    error
}

// tx runs f in a transaction and inserts the events f recorded last. After a
// collision with another transaction f runs again, so it must not keep anything
// outside from a run that failed.
func (s *Store) tx(ctx context.Context, f func(*tx) error) error {
	var err error
	for range attempts {
		var events int
		err = s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			t := &tx{DB: db}
			if err := f(t); err != nil {
				return err
			}
			events = len(t.events)
			return s.insertEvents(t)
		})
		if err == nil && events > 0 {
			s.committed()
		}
		if !isCollision(err) {
			return err
		}
	}
	return err
}

// event records what happened to a conversation; data holds ids, codes and
// times only (B12), nil is none.
func (t *tx) event(c *conversationRow, kind inbox.EventKind, actor inbox.Author, data any, at time.Time) {
	raw := []byte("{}")
	if data != nil {
		var err error
		if raw, err = json.Marshal(data); err != nil {
			t.err = errors.Join(t.err, fmt.Errorf("encode event %s: %w", kind, err))
		}
	}
	t.events = append(t.events, eventRow{
		ConversationID: c.ID, InboxID: c.InboxID, Kind: kind,
		ActorKind: actor.Kind, ActorID: actor.ID, Data: jsonOf[json.RawMessage]{raw}, At: stampOf(at),
	})
}

// insertEvents gives events ids that grow in commit order, because listeners
// resume after the last id they saw: an id that became visible later than a
// higher one would be lost to them. PostgreSQL hands ids out before the
// commit, so the lock is held from here to the commit; that is also why events
// are inserted last.
func (s *Store) insertEvents(t *tx) error {
	if t.err != nil || len(t.events) == 0 {
		return t.err
	}
	if s.postgres {
		if err := t.Exec("SELECT pg_advisory_xact_lock(?)", eventsLock).Error; err != nil {
			return fmt.Errorf("lock events: %w", err)
		}
	}
	if err := t.Create(&t.events).Error; err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

func (s *Store) committed() {
	s.mu.Lock()
	listeners := s.onCommit
	s.mu.Unlock()
	for _, f := range listeners {
		f()
	}
}

// isDuplicate reports whether err is a broken unique constraint.
func isDuplicate(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// isCollision reports whether err comes from another transaction: PostgreSQL
// ended a deadlock (40P01), or something referred to was removed in between, or
// referred to while it was removed (23503: a file's bytes, a merged contact).
func isCollision(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40P01" || pg.Code == "23503")
}

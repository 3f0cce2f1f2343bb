// Package store keeps Switchboard's nouns in PostgreSQL or SQLite: rows to and
// from inbox types, migrations and queries. Every change of a conversation
// appends to its timeline in the same transaction.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Store is one database. It is safe for concurrent use, also by several
// processes on the same database.
type Store struct {
	// write and read are one pool on PostgreSQL and two on SQLite, which has
	// one writer at a time.
	write, read *gorm.DB
	postgres    bool
	statements  atomic.Int64

	mu       sync.Mutex
	onCommit []func()
}

// Open connects to "sqlite:/path/file.db" or "postgres://…". It does not
// migrate.
func Open(ctx context.Context, url string) (*Store, error) {
	s := &Store{}
	var err error
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		err = s.openSQLite(ctx, path)
	} else if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		err = s.openPostgres(url)
	} else {
		return nil, errors.New(`open store: the database URL must begin with "sqlite:" or "postgres://"`)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// NewID returns a UUIDv7: ids of one process grow.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for _, pool := range s.pools() {
		if err := pool.PingContext(ctx); err != nil {
			return fmt.Errorf("ping database: %w", err)
		}
	}
	return nil
}

// Close closes the connections.
func (s *Store) Close() error {
	var errs []error
	for _, pool := range s.pools() {
		errs = append(errs, pool.Close())
	}
	return errors.Join(errs...)
}

// Statements counts the statements executed since Open.
func (s *Store) Statements() int64 { return s.statements.Load() }

// OnCommit calls f after each transaction of this process that appended
// events. f must not block.
func (s *Store) OnCommit(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCommit = append(s.onCommit, f)
}

// pools returns the connection pools, the writing one first.
func (s *Store) pools() []*sql.DB {
	pools := []*sql.DB{s.write.ConnPool.(*sql.DB)}
	if s.read != s.write {
		pools = append(pools, s.read.ConnPool.(*sql.DB))
	}
	return pools
}

// open wraps a pool in GORM and counts its statements.
func (s *Store) open(dialector gorm.Dialector) (*gorm.DB, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		// Transactions are explicit: see tx.
		SkipDefaultTransaction: true,
		// Values are personal data and must not reach the logs (B12); errors are returned.
		Logger: logger.Discard,
	})
	if err != nil {
		return nil, err
	}
	count := func(*gorm.DB) { s.statements.Add(1) }
	callbacks := db.Callback()
	return db, errors.Join(
		callbacks.Create().Before("gorm:create").Register("switchboard:count", count),
		callbacks.Query().Before("gorm:query").Register("switchboard:count", count),
		callbacks.Update().Before("gorm:update").Register("switchboard:count", count),
		callbacks.Delete().Before("gorm:delete").Register("switchboard:count", count),
		callbacks.Row().Before("gorm:row").Register("switchboard:count", count),
		callbacks.Raw().Before("gorm:raw").Register("switchboard:count", count),
	)
}

package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrateAttempts bounds how often processes may get in each other's way.
const migrateAttempts = 20

// Migrate applies the migrations that are missing. Several processes may call
// it at once.
func (s *Store) Migrate(ctx context.Context) error {
	provider, err := s.migrator()
	if err != nil {
		return err
	}
	// SQLite has no session lock: another process may apply a migration while
	// this one is about to. Each failure for that leaves fewer that are missing.
	for range migrateAttempts {
		if _, err = provider.Up(ctx); err == nil || s.postgres {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Migrated reports whether no migration is missing.
func (s *Store) Migrated(ctx context.Context) (bool, error) {
	provider, err := s.migrator()
	if err != nil {
		return false, err
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("look for missing migrations: %w", err)
	}
	return !pending, nil
}

func (s *Store) migrator() (*goose.Provider, error) {
	dialect, folder, options := goose.DialectSQLite3, "migrations/sqlite", []goose.ProviderOption(nil)
	if s.postgres {
		// A second between tries, for ten minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
		if err != nil {
			return nil, fmt.Errorf("prepare migrations: %w", err)
		}
		dialect, folder, options = goose.DialectPostgres, "migrations/postgres", append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect, s.pools()[0], files, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return provider, nil
}

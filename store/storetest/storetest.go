// Package storetest gives tests of other packages a fresh, migrated store.
package storetest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"switchboard/store"
	"switchboard/store/pgtest"
)

// SQLite returns a store on a new SQLite file.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	s := open(t, "sqlite:"+filepath.Join(t.TempDir(), "switchboard.db"))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// Postgres returns a store on a new PostgreSQL database; see pgtest for when
// there is none.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, pgtest.Migrated(t, migrate))
}

func migrate(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close())
}

// ForEachDatabase runs a test in parallel on a fresh store of each database.
func ForEachDatabase(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

package store_test

import (
	"path/filepath"
	"sync"
	"testing"

	"switchboard/store"
	"switchboard/store/pgtest"
)

func TestProcessesMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db") },
		"postgres": func(t *testing.T) string { return pgtest.Empty(t) },
	} {
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

func TestMissingMigrationsAreNoticed(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db") },
		"postgres": func(t *testing.T) string { return pgtest.Empty(t) },
	} {
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

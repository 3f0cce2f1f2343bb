package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"switchboard/cmd/serve"
	"switchboard/store"
)

// command runs the binary's commands on a database of its own.
func command(t *testing.T, migrated bool) func(args ...string) (string, error) {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "data", "switchboard.db")
	if migrated {
		s, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) (string, error) {
		var out strings.Builder
		err := run(t.Context(), args, []string{"SWITCHBOARD_DATABASE_URL=" + url}, &out)
		return out.String(), err
	}
}

func TestTheFirstAgentIsMadeOnTheCommandLine(t *testing.T) {
	t.Parallel()
	switchboard := command(t, true)
	out, err := switchboard("admin", "agent", "--name", "Ada", "--email", "ada@example.com", "--admin")
	if err != nil || !strings.Contains(out, "token swb_") {
		t.Fatalf("said %q, %v", out, err)
	}
	again, err := switchboard("admin", "token", "--email", "ADA@example.com")
	if err != nil || !strings.Contains(again, "token swb_") || again == out {
		t.Errorf("said %q, %v", again, err)
	}
}

func TestWhatTheCommandLineCannotUnderstandIsRefused(t *testing.T) {
	t.Parallel()
	switchboard := command(t, true)
	for _, line := range []string{
		"frobnicate",
		"serve now",
		"serve --rolle api",
		"migrate everything",
		"admin",
		"admin frob --email ada@example.com",
		"admin agent --email ada@example.com",
		"admin agent --name Ada --email nonsense",
		"admin token",
	} {
		if _, err := switchboard(strings.Fields(line)...); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestADatabaseThatIsNotMigratedIsNamedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	switchboard := command(t, false)
	for _, line := range []string{"serve", "admin agent --name Ada --email ada@example.com"} {
		if _, err := switchboard(strings.Fields(line)...); !errors.Is(err, serve.ErrNotMigrated) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

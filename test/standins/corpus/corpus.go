// Package corpus finds the collections of real mails that lie beside the project.
// Nothing needs them: a project that has none beside it skips their tests, and
// .ci/run says so.
package corpus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of a collection; the test is skipped where there are none,
// and fails on one that is empty.
func Dir(t testing.TB, name string) string {
	t.Helper()
	all := filepath.Join(root(t), "..", "shared", "corpus")
	if _, err := os.Stat(all); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no collections are beside the project: " + all)
	}
	dir := filepath.Join(all, name)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		t.Fatalf("nothing to read in %s: %v", dir, err)
	}
	return dir
}

// root is the project's folder.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("the test does not run inside the project")
		}
		dir = above
	}
}

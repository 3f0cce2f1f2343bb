// Package corpus finds the collections of real mails that lie beside the project.
// They are not needed to work on Switchboard: without them tests are skipped, or fail
// when SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package corpus

import (
	"os"
	"path/filepath"
	"testing"

	"switchboard/test/standins/daemon"
)

// Dir returns the folder of a collection.
func Dir(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", "corpus", name)
	entries, err := os.ReadDir(dir)
	daemon.Require(t, err == nil && len(entries) > 0, "the corpus is not beside the project: "+dir)
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

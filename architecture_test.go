// Package switchboard_test keeps the arrows between packages.
package switchboard_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "switchboard"

// arrows says for each room which others it may import; a room is a folder and
// everything below it. Tests may import more. golangci-lint says the same in an
// editor (.golangci.yml).
var arrows = map[string][]string{
	"inbox":    {},
	"config":   {},
	"observe":  {},
	"secrets":  {},
	"web":      {},
	"routing":  {"inbox"},
	"channels": {"inbox"},
	"store":    {"inbox"},

	"mailboxes": {"inbox", "channels", "store", "secrets"},
	"pages":     {"inbox", "channels", "store", "secrets"},

	"activities": {"inbox", "routing", "channels", "store"},
	"workflows":  {"inbox", "activities"},
	"intake":     {"inbox", "routing", "channels", "store", "activities", "workflows"},
	"workers":    {"inbox", "activities", "workflows"},
	"api":        {"inbox", "routing", "channels", "store", "mailboxes", "pages", "workflows", "intake", "web"},
	"smtpd":      {"inbox", "channels"},
}

// outermost are the rooms that put the others together and may import them all.
var outermost = []string{"cmd", "bench", "test", "tools"}

// withEngine are the packages that link the engine, which takes minutes to
// build.
var withEngine = []string{"switchboard/cmd/dev", "switchboard/cmd/dev/engine", "switchboard/bench"}

// engineModules are the engine and its web UI.
var engineModules = []string{"go.temporal.io/server", "github.com/temporalio/ui-server/v2"}

func TestRoomsImportAlongTheArrows(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		from := room(p.ImportPath)
		if from == "" || slices.Contains(outermost, from) {
			continue
		}
		allowed, known := arrows[from]
		if !known {
			t.Errorf("%s is in no room: add %q to the arrows", p.ImportPath, from)
		}
		for _, imported := range p.Imports {
			to := room(imported)
			if to != "" && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: against the arrows", p.ImportPath, imported)
			}
		}
	}
}

func TestProductionBinaryDoesNotLinkTheEngine(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "-deps", "./cmd/switchboard") {
		if i := slices.IndexFunc(p.Imports, isEngine); i >= 0 && !isEngine(p.ImportPath) {
			t.Errorf("cmd/switchboard links the engine: %s imports %s", p.ImportPath, p.Imports[i])
		}
	}
}

func TestProductionBinaryHasNothingOfDev(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "-deps", "./cmd/switchboard") {
		if strings.HasPrefix(p.ImportPath, "switchboard/cmd/dev") {
			t.Errorf("cmd/switchboard links %s", p.ImportPath)
		}
	}
}

func TestOnlyFewPackagesLinkTheEngine(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "-test", "./...") {
		if slices.Contains(withEngine, tested(p.ImportPath)) {
			continue
		}
		for _, imported := range p.Imports {
			if isEngine(imported) || slices.Contains(withEngine, tested(imported)) {
				t.Errorf("%s links the engine: it imports %s", p.ImportPath, imported)
			}
		}
	}
}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T, arguments ...string) []pkg {
	t.Helper()
	watchSources(t)
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Imports"}, arguments...)...)
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaints.String())
	}
	var packages []pkg
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// watchSources opens the module's folders. The go command remembers what a
// passed test opened and runs it again when that changed; what go list reads
// would escape it.
func watchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatalf("walk the module: %v", err)
	}
}

// room returns the folder of the module a package belongs to, "" when it is
// none of ours.
func room(importPath string) string {
	path, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	name, _, _ := strings.Cut(path, "/")
	return name
}

func isEngine(importPath string) bool {
	return slices.ContainsFunc(engineModules, func(root string) bool { return strings.HasPrefix(importPath, root+"/") })
}

// tested returns the package that a test variant of go list belongs to.
func tested(importPath string) string {
	path, _, _ := strings.Cut(importPath, " ")
	return strings.TrimSuffix(strings.TrimSuffix(path, ".test"), "_test")
}

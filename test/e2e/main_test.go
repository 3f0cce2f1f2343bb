// Package e2e drives the built binaries from outside, as their users do: over
// HTTP, by signals, and through Temporal's own API. Whatever they answer is held
// against api/openapi.yaml.
package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const moduleRoot = "../.."

// binaries is the folder of what this process has built.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if binaries, err = os.MkdirTemp("", "switchboard-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, "prepare end-to-end tests:", err)
		return 1
	}
	defer os.RemoveAll(binaries)
	return m.Run()
}

// watchSources opens the module's folders. The go command remembers what passed
// tests opened, while they ran, and runs them again when that changed; what go
// build reads would escape it.
func watchSources() error {
	return filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != moduleRoot && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
}

var (
	devBinary         = sync.OnceValues(func() (string, error) { return build("dev") })
	switchboardBinary = sync.OnceValues(func() (string, error) { return build("switchboard") })
)

// build builds a command as its users do, without a C compiler.
func build(command string) (string, error) {
	if err := watchSources(); err != nil {
		return "", err
	}
	binary := filepath.Join(binaries, command)
	building := exec.Command("go", "build", "-o", binary, "./cmd/"+command)
	building.Dir = moduleRoot
	building.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := building.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", command, err, output)
	}
	return binary, nil
}

const (
	// patience bounds every wait for something that another process does. The machine
	// may be busy with other tests.
	patience = 5 * time.Minute
	// longPatience bounds the wait for what was under way when its process was killed:
	// it is begun again after two minutes.
	longPatience = 10 * time.Minute
)

// eventually asks until check has nothing to say against.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	within(t, patience, check)
}

func within(t *testing.T, wait time.Duration, check func() error) {
	t.Helper()
	deadline := time.Now().Add(wait)
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still after %s: %v", wait, err)
		}
		<-ticker.C
	}
}

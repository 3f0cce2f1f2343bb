// Package daemon runs servers of the system's packages for one test each: below a
// folder of their own, on ports that the system picks, and no longer than the
// test's process lives, however it ends.
package daemon

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// Daemon says how to run a server.
type Daemon struct {
	Name string
	// Program stays in the foreground and logs to stdout or stderr.
	Program string
	Args    []string
	Env     []string
	// Ready is in the log when it listens; "fatal:" is when it never will.
	Ready string
}

// Require skips the test for a reason, or fails it when
// SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
func Require(t testing.TB, met bool, sentence string) {
	t.Helper()
	if met {
		return
	}
	if os.Getenv("SWITCHBOARD_TEST_REQUIRE_TOOLS") == "1" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

// Installed reports whether there is such a program.
func Installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Start runs a daemon until the test ends or stop is called. prepare fills its
// folder and says how to run it; it is asked again, with another folder, when one
// of its ports was taken since FreePorts.
func Start(t testing.TB, prepare func(folder string) (Daemon, error)) (stop func()) {
	t.Helper()
	for range 5 {
		folder, err := makeFolder()
		if err != nil {
			t.Fatalf("make a server's folder: %v", err)
		}
		d, err := prepare(folder)
		if err != nil {
			t.Fatalf("prepare %s: %v", d.Name, err)
		}
		stop, err := d.run(t, folder)
		if err == nil {
			return stop
		}
		if !errors.Is(err, errPortTaken) {
			t.Fatalf("start %s: %v", d.Name, err)
		}
	}
	t.Fatal("no port stays free")
	return nil
}

var errPortTaken = errors.New("a port is taken")

type startError string

func (e startError) Error() string { return string(e) }

// makeFolder returns a folder that the daemon's users can look into.
func makeFolder() (string, error) {
	// Not t.TempDir: a socket's path may have 107 bytes at the most.
	folder, err := os.MkdirTemp("", "daemon")
	if err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o755)
}

// FreePorts returns ports of 127.0.0.1 that were free just now, no two of them the
// same.
func FreePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// Not before all are picked: one that was let go may be picked again.
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// run starts the daemon below a shell that ends it when its input ends, and so
// when this process does. It returns once the daemon listens.
func (d Daemon) run(t testing.TB, folder string) (stop func(), err error) {
	// A session of its own makes it one group with its processes. None has
	// anything to put in order: left to themselves they take seconds to end.
	const script = `folder=$1; shift; setsid "$@" & daemon=$!; cat; kill -KILL "-$daemon"; wait "$daemon"; rm -rf "$folder"`
	command := exec.Command("sh", append([]string{"-c", script, "sh", folder, d.Program}, d.Args...)...)
	command.Env = append(os.Environ(), d.Env...)
	// An interrupt from the terminal is for the tests, not for the shell.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log := &log{ready: d.Ready, begun: make(chan struct{})}
	command.Stdout, command.Stderr = log, log
	alive, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	stop = sync.OnceFunc(func() {
		_ = alive.Close()
		_ = command.Wait() // the daemon ends by a signal
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s's log:\n%s", d.Name, log)
		}
	})
	return stop, log.start()
}

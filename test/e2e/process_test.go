package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a started binary. It is killed when the test ends, and its output
// shown when the test has failed.
type process struct {
	name   string
	cmd    *exec.Cmd
	output string
	ended  chan struct{}
}

// start runs a binary with the environment's additions. Its name tells its
// output from that of others.
func start(t *testing.T, name string, binary func() (string, error), environment []string, arguments ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{name: name, output: filepath.Join(t.TempDir(), name+".out"), ended: make(chan struct{})}
	output, err := os.Create(p.output)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	p.cmd = exec.Command(path, arguments...)
	p.cmd.Dir = filepath.Dir(p.output)
	// A machine that is busy with other tests takes longer to stop.
	p.cmd.Env = append(append(os.Environ(), "SWITCHBOARD_SHUTDOWN_GRACE="+(patience/2).String()), environment...)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	// An interrupt from the terminal is for the tests, which pass it on.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopWatching := p.watch(t)
	go func() {
		_ = p.cmd.Wait() // the exit code is read from the state
		stopWatching()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("%s said:\n%s", name, tail(p.text(t)))
		}
	})
	return p
}

// watch starts a shell that kills the process when this one ends, however it
// ends: a test that runs into its time limit has no last word.
func (p *process) watch(t *testing.T) (stop func()) {
	t.Helper()
	watcher := exec.Command("sh", "-c", `cat; kill -9 "$0" 2>/dev/null`, strconv.Itoa(p.cmd.Process.Pid))
	watcher.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := watcher.StdinPipe()
	if err == nil {
		err = watcher.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = watcher.Process.Kill()
		_ = watcher.Wait()
		_ = alive.Close()
	}
}

// signal sends a signal to the process alone.
func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("signal %s: %v", p.name, err)
	}
}

// kill ends the process at once, without a chance to finish anything.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("kill %s: %v", p.name, err)
	}
	<-p.ended
}

// exitCode waits until the process ends by itself.
func (p *process) exitCode(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("%s still runs after %s", p.name, patience)
		return 0
	}
}

// mustRun fails the test when the process has ended by itself.
func (p *process) mustRun(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
		t.Fatalf("%s ended by itself with exit code %d:\n%s", p.name, p.cmd.ProcessState.ExitCode(), tail(p.text(t)))
	default:
	}
}

// text is what the process has written so far.
func (p *process) text(t *testing.T) string {
	t.Helper()
	return read(t, p.output)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tail is the end of a log, without the requests that went well.
func tail(text string) string {
	const most = 40
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.Contains(line, `"level":"INFO","msg":"request"`)
	})
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

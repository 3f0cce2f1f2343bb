package pgtest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

const superuser = "switchboard"

// cluster is a running PostgreSQL that listens on a socket in its directory.
type cluster struct {
	directory string
	bin       string
	copying   sync.Mutex
	// alive stays open as long as this process lives.
	alive io.WriteCloser
}

// programs returns the folder of PostgreSQL's programs, the newest version's,
// or "".
func programs() string {
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if err != nil || len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// start makes a cluster and waits until it answers. Nothing of it needs to
// survive, so it does not wait for the disk.
func start() (*cluster, error) {
	// Not t.TempDir: a socket's path may have 107 bytes at the most.
	directory, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	c := &cluster{directory: directory, bin: programs()}
	if err := giveAway(directory); err != nil {
		return nil, err
	}
	if err := c.watch(); err != nil {
		return nil, err
	}
	data := filepath.Join(directory, "data")
	if err := c.run("initdb", "--pgdata", data, "--username", superuser, "--auth", "trust",
		"--encoding", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return nil, err
	}
	settings := "-c listen_addresses='' -c unix_socket_directories='" + directory +
		"' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=500"
	if err := c.run("pg_ctl", "start", "--wait", "--timeout", "600", "--pgdata", data, "--log", filepath.Join(directory, "log"),
		"--options", settings); err != nil {
		return nil, err
	}
	return c, nil
}

// watch starts a shell that stops the cluster and removes it when this process
// ends, however it ends: a test that runs into its time limit has no last word.
func (c *cluster) watch() error {
	script := `cat; "$0" stop --mode immediate --pgdata "$1/data"; cd /; rm -rf "$1"`
	watcher := exec.Command("sh", "-c", script, filepath.Join(c.bin, "pg_ctl"), c.directory)
	watcher.Dir = c.directory
	if err := dropRoot(watcher); err != nil {
		return err
	}
	// An interrupt from the terminal is for the tests, not for the shell.
	watcher.SysProcAttr.Setpgid = true
	var err error
	if c.alive, err = watcher.StdinPipe(); err != nil {
		return err
	}
	return watcher.Start()
}

func (c *cluster) run(program string, arguments ...string) error {
	command := exec.Command(filepath.Join(c.bin, program), arguments...)
	command.Dir = c.directory
	if err := dropRoot(command); err != nil {
		return err
	}
	// Not CombinedOutput, which would wait for the server that inherits the pipe.
	log, err := os.Create(filepath.Join(c.directory, program+".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	if err := command.Run(); err != nil {
		output, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w\n%s", program, err, output)
	}
	return nil
}

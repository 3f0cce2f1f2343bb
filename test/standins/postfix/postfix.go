// Package postfix gives tests a mail relay that nobody here wrote: Debian's
// Postfix, which delivers each domain to the SMTP server that the test names. It
// needs root; without that, or without /usr/sbin/postfix, tests are skipped, or
// fail when SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package postfix

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"switchboard/test/standins/daemon"
)

// program is Postfix's supervisor; the postfix command in front of it would look
// after the system's own instance.
const program = "/usr/lib/postfix/sbin/master"

// Server is a running Postfix. It relays for this machine, tries again each second
// what was refused for now, and says STARTTLS where that is offered.
type Server struct {
	// Address takes mail by SMTP, host:port.
	Address string

	stop func()
}

// Start runs Postfix until the test ends. Routes are from a recipient's domain to
// the server (host:port) that gets its mail; mail for other domains bounces. Extra
// is added to main.cf.
func Start(t testing.TB, routes map[string]string, extra string) *Server {
	t.Helper()
	daemon.Require(t, daemon.Installed(program), "Postfix is not installed")
	daemon.Require(t, os.Geteuid() == 0, "Postfix needs root")
	s := &Server{}
	s.stop = daemon.Start(t, func(folder string) (daemon.Daemon, error) {
		return daemon.Daemon{
			Name: "Postfix", Program: program, Args: []string{"-s"}, Ready: "daemon started",
			// The postfix command would set these.
			Env: []string{"MAIL_CONFIG=" + folder, "POSTLOG_SERVICE=postlog", "POSTLOG_HOSTNAME=relay"},
		}, s.prepare(folder, routes, extra)
	})
	return s
}

// Stop ends Postfix before its test does; what it has not delivered is lost.
func (s *Server) Stop() { s.stop() }

func (s *Server) prepare(folder string, routes map[string]string, extra string) error {
	ports, err := daemon.FreePorts(1)
	if err != nil {
		return err
	}
	s.Address = net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
	var transport []string
	for domain, server := range routes {
		host, port, err := net.SplitHostPort(server)
		if err != nil {
			return fmt.Errorf("route of %s: %w", domain, err)
		}
		transport = append(transport, fmt.Sprintf("{%s = smtp:[%s]:%s}", domain, host, port))
	}
	values := map[string]string{
		"Folder": folder, "Address": s.Address, "Transport": strings.Join(transport, ", "), "Extra": extra,
	}
	for name, content := range map[string]*template.Template{"main.cf": mainConfiguration, "master.cf": services} {
		var text strings.Builder
		if err := content.Execute(&text, values); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return makeQueues(folder)
}

// makeQueues makes the folders that Postfix's user writes to, as `postfix check`
// would.
func makeQueues(folder string) error {
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return fmt.Errorf("user postfix: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "spool", "pid"), 0o755); err != nil {
		return err
	}
	for _, name := range []string{
		"data", "spool/active", "spool/bounce", "spool/corrupt", "spool/defer", "spool/deferred", "spool/hold",
		"spool/incoming", "spool/maildrop", "spool/private", "spool/public", "spool/saved", "spool/trace",
	} {
		path := filepath.Join(folder, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
		if err := os.Chown(path, uid, -1); err != nil {
			return err
		}
	}
	return nil
}

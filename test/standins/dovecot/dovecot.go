// Package dovecot gives tests a mail server that nobody here wrote: Debian's
// Dovecot 2.3, with mailboxes of its own on ports of its own. Without it
// (/usr/sbin/dovecot) tests are skipped, or fail when
// SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package dovecot

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"switchboard/test/standins/daemon"
)

const program = "/usr/sbin/dovecot"

// Server is a running Dovecot.
type Server struct {
	// Port takes plain connections, which may turn to TLS; TLSPort takes TLS
	// alone. Both are on 127.0.0.1.
	Port, TLSPort int
	// Roots verify the server's certificate.
	Roots *x509.CertPool

	users map[string]string
	stop  func()
}

// Start runs Dovecot for users with their passwords until the test ends. Extra is
// added to its configuration.
func Start(t testing.TB, users map[string]string, extra string) *Server {
	t.Helper()
	daemon.Require(t, daemon.Installed(program), "Dovecot is not installed")
	s := &Server{users: users}
	s.stop = daemon.Start(t, func(folder string) (daemon.Daemon, error) {
		return daemon.Daemon{
			Name: "Dovecot", Program: program, Ready: "starting up",
			Args: []string{"-F", "-c", filepath.Join(folder, "dovecot.conf")},
		}, s.prepare(folder, extra)
	})
	return s
}

// Stop ends the server before its test does.
func (s *Server) Stop() { s.stop() }

// prepare fills the folder that Dovecot lives in.
func (s *Server) prepare(folder, extra string) (err error) {
	ports, err := daemon.FreePorts(2)
	if err != nil {
		return err
	}
	s.Port, s.TLSPort = ports[0], ports[1]
	config := instance{Folder: folder, Extra: extra, Port: s.Port, TLSPort: s.TLSPort}
	if config.User, config.Group, err = makeMailFolder(filepath.Join(folder, "mail")); err != nil {
		return err
	}
	if err := config.write(s.users); err != nil {
		return err
	}
	return s.writeCertificate(folder)
}

// makeMailFolder returns whose the mailboxes are: root's Dovecot keeps them as
// somebody else.
func makeMailFolder(path string) (userName, groupName string, err error) {
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", "", err
	}
	owner, err := user.Current()
	if err != nil {
		return "", "", err
	}
	if owner.Uid == "0" {
		if owner, err = user.Lookup("nobody"); err != nil {
			return "", "", err
		}
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return "", "", fmt.Errorf("user %s: %w", owner.Username, err)
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		return "", "", fmt.Errorf("user %s: %w", owner.Username, err)
	}
	group, err := user.LookupGroupId(owner.Gid)
	if err != nil {
		return "", "", err
	}
	return owner.Username, group.Name, os.Chown(path, uid, gid)
}

// writeCertificate takes the one that Go's own tests use: for 127.0.0.1.
func (s *Server) writeCertificate(folder string) error {
	https := httptest.NewTLSServer(nil)
	https.Close()
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(https.Certificate())
	key, err := x509.MarshalPKCS8PrivateKey(https.TLS.Certificates[0].PrivateKey)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{
		"certificate.pem": {Type: "CERTIFICATE", Bytes: https.Certificate().Raw},
		"key.pem":         {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

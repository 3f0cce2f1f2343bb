package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-smtp"

	"switchboard/cmd/dev/mailbox"
	"switchboard/store/pgtest"
)

// production is production's shape: PostgreSQL, Temporal as a process of its
// own, and two processes that serve.
type production struct {
	*system
	// databaseFile is SQLite's, "" with PostgreSQL.
	databaseFile    string
	engine          *process
	engineArguments []string
	environment     []string
	// serving are the two processes; bases and smtpAddresses are where each is
	// reached.
	serving              [2]*process
	bases, smtpAddresses [2]string
	// served are all processes that ever served.
	served []*process
}

// startProduction migrates an empty database and starts everything.
func startProduction(t *testing.T) *production {
	t.Helper()
	p := newProduction(t, pgtest.Empty(t))
	for i := range p.serving {
		p.serve(t, i)
	}
	p.makeAdmin(t)
	return p
}

// startSmall is production on SQLite with one process that serves, and with the
// environment's additions.
func startSmall(t *testing.T, environment ...string) *production {
	t.Helper()
	file := filepath.Join(t.TempDir(), "switchboard.db")
	p := newProduction(t, "sqlite:"+file, environment...)
	p.databaseFile = file
	p.serve(t, 0)
	p.makeAdmin(t)
	return p
}

// newProduction starts Temporal and migrates an empty database.
func newProduction(t *testing.T, database string, environment ...string) *production {
	t.Helper()
	mails, err := mailbox.Start(t.Context(), mailbox.Options{
		SMTPAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mails.Stop)
	temporal, ui := freeAddress(t), freeAddress(t)
	p := &production{
		system: &system{mailURL: mails.URL(), temporalAddress: temporal, temporalUIURL: "http://" + ui},
		engineArguments: []string{
			"--engine-only", "--data", t.TempDir(), "--temporal", temporal, "--ui", ui,
		},
		environment: append([]string{
			"SWITCHBOARD_DATABASE_URL=" + database,
			"SWITCHBOARD_TEMPORAL_ADDRESS=" + temporal,
			"SWITCHBOARD_SMTP_ADDRESS=" + mails.SMTPAddress(), "SWITCHBOARD_SMTP_TLS=none",
			"SWITCHBOARD_PUBLIC_RATE=1000", "SWITCHBOARD_PUBLIC_BURST=10000",
		}, environment...),
	}
	p.logs = func(t *testing.T) string {
		var text strings.Builder
		for _, process := range p.served {
			text.WriteString(process.text(t))
		}
		return text.String()
	}
	p.startEngine(t)
	p.command(t, "migrate")
	p.bases = [2]string{"http://" + freeAddress(t), "http://" + freeAddress(t)}
	p.agentPage = p.bases[0] + conversationsPath
	p.smtpAddresses = [2]string{freeAddress(t), freeAddress(t)}
	p.smtpAddress = p.smtpAddresses[1]
	certificate, key := writeCertificate(t)
	p.environment = append(p.environment, "SWITCHBOARD_PUBLIC_URL="+p.bases[0],
		"SWITCHBOARD_INBOUND_SMTP_TLS_CERT="+certificate, "SWITCHBOARD_INBOUND_SMTP_TLS_KEY="+key)
	return p
}

// startEngine starts Temporal where it was before.
func (p *production) startEngine(t *testing.T) {
	t.Helper()
	p.engine = start(t, "engine", devBinary, nil, p.engineArguments...)
	eventually(t, func() error {
		p.engine.mustRun(t)
		if said := p.engine.text(t); !strings.Contains(said, "Temporal at "+p.temporalAddress) {
			return fmt.Errorf("the engine is not up: %s", said)
		}
		return nil
	})
}

// serve starts one of the two processes where it was before and returns when it
// is ready.
func (p *production) serve(t *testing.T, i int) {
	t.Helper()
	environment := append([]string{
		"SWITCHBOARD_HTTP_ADDRESS=" + strings.TrimPrefix(p.bases[i], "http://"),
		"SWITCHBOARD_INBOUND_SMTP_ADDRESS=" + p.smtpAddresses[i],
	}, p.environment...)
	p.serving[i] = start(t, fmt.Sprintf("serve-%d", i), switchboardBinary, environment, "serve")
	p.served = append(p.served, p.serving[i])
	eventually(t, func() error {
		p.serving[i].mustRun(t)
		response, err := web.Get(p.bases[i] + "/readyz")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("not ready: %d", response.StatusCode)
		}
		return nil
	})
}

// takesMailEncrypted says STARTTLS to each process, as mail servers do.
func (p *production) takesMailEncrypted(t *testing.T) {
	t.Helper()
	for _, address := range p.smtpAddresses {
		client, err := smtp.DialStartTLS(address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("no encryption at %s: %v", address, err)
			continue
		}
		if err := client.Quit(); err != nil {
			t.Error(err)
		}
	}
}

// hasNothingOfDev looks for what a laptop serves beside the API.
func (p *production) hasNothingOfDev(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/dev/", "/dev/outbox"} {
		if status, _ := plain(t, p.bases[0]+path); status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, status)
		}
	}
}

// command runs the production binary to its end and returns what it said.
func (p *production) command(t *testing.T, arguments ...string) string {
	t.Helper()
	c := start(t, arguments[0], switchboardBinary, p.environment, arguments...)
	if code := c.exitCode(t); code != 0 {
		t.Fatalf("switchboard %v ended with exit code %d:\n%s", arguments, code, c.text(t))
	}
	return c.text(t)
}

// makeAdmin makes what a new installation needs first: an administrator, on the
// command line, and a pipeline for tickets.
func (p *production) makeAdmin(t *testing.T) {
	t.Helper()
	said := p.command(t, "admin", "agent", "--name", "Admin "+personal, "--email", address("admin"), "--admin")
	_, token, _ := strings.Cut(said, "token ")
	p.admin = client{p.bases[0], "Bearer " + p.secrets.keep(strings.TrimSpace(token))}
	p.admin.must(t, 201, withJSON("POST", "/api/v1/pipelines", settings{"name": "Support", "stages": []settings{{"name": "New"}}}))
}

// writeCertificate writes one that nobody trusts to PEM files.
func writeCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	server.Close()
	made := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, bytes []byte) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("certificate.pem", "CERTIFICATE", made.Certificate[0]), write("key.pem", "PRIVATE KEY", private)
}

// freeAddress is a loopback address that nobody listens at. Its port is below
// those that a system gives to outgoing connections, so that it stays free while
// its process is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	for {
		listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:"+strconv.Itoa(20000+rand.IntN(10000)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		return listener.Addr().String()
	}
}

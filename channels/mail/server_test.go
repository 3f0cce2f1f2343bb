package mail

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// server is a mail server that behaves as a test wants it to.
type server struct {
	// Errors answer the command; an *smtp.SMTPError is what goes over the wire.
	onMail, onRcpt, onData error
	// hangUp closes the connection instead of answering to the message.
	hangUp   bool
	password string

	address string
	roots   *x509.CertPool
	mu      sync.Mutex
	got     []received
}

type received struct {
	from, to string
	raw      []byte
}

func (s *server) start(t *testing.T, mode TLS) {
	t.Helper()
	backend := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		session := &session{server: s, conn: conn}
		if s.password == "" {
			return session, nil
		}
		return &loginSession{session: session}, nil
	}))
	backend.Domain = "localhost"
	backend.ErrorLog = discard{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	if mode != TLSNone {
		certificate := httptest.NewTLSServer(nil)
		certificate.Close()
		s.roots = x509.NewCertPool()
		s.roots.AddCert(certificate.Certificate())
		backend.TLSConfig = &tls.Config{Certificates: certificate.TLS.Certificates}
	}
	if mode == TLSImplicit {
		listener = tls.NewListener(listener, backend.TLSConfig)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := backend.Serve(listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		_ = backend.Close()
		_ = listener.Close() // of a server that did not begin to serve
		serving.Wait()
	})
}

// sole is the one message the server took.
func (s *server) sole(t *testing.T) (received, *enmime.Envelope) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.got) != 1 {
		t.Fatalf("the server took %d messages", len(s.got))
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(s.got[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.got[0], envelope
}

type session struct {
	server   *server
	conn     *smtp.Conn
	from, to string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.server.onMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.server.onRcpt
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.hangUp {
		return s.conn.Conn().Close()
	}
	if s.server.onData != nil {
		return s.server.onData
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.got = append(s.server.got, received{from: s.from, to: s.to, raw: raw})
	return nil
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

// loginSession wants a password.
type loginSession struct {
	*session
	known bool
}

func (s *loginSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *loginSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *loginSession) Mail(from string, options *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	return s.session.Mail(from, options)
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

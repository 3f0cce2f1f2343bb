package smtpd_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"switchboard/smtpd"
)

// FuzzTalk feeds whatever a client may say. The server must survive it, answer,
// and accept no mail that the intake did not.
func FuzzTalk(f *testing.F) {
	envelope := "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<" + support + "@" + domain + ">\r\n"
	f.Add([]byte(envelope + "DATA\r\n" + lamp + ".\r\nQUIT\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		intake := &fakeIntake{receive: func(mail smtpd.Mail) error {
			if bytes.Contains(mail.Raw, []byte("no")) {
				return errors.New("cannot commit")
			}
			if len(mail.Raw) > maxBytes {
				t.Errorf("a mail of %d bytes", len(mail.Raw))
			}
			return nil
		}}
		heard := once(t, intake, said)
		if !strings.HasPrefix(heard, "220 ") {
			t.Fatalf("no greeting: %q", heard)
		}
		if told, kept := strings.Count(heard, "250 2.0.0 OK: queued\r\n"), len(intake.mails()); told > kept {
			t.Fatalf("%d mails were accepted and %d kept: %q", told, kept, heard)
		}
		for line := range strings.Lines(heard) {
			if !strings.HasSuffix(line, "\r\n") || len(line) < 4 || line[0] < '2' || line[0] > '5' {
				t.Fatalf("not an answer: %q", line)
			}
		}
	})
}

// once lets one client talk to a server and returns what it heard.
func once(t *testing.T, intake *fakeIntake, said []byte) string {
	t.Helper()
	s := smtpd.New(smtpd.Options{
		Intake: intake, Domain: domain, MaxBytes: maxBytes, MaxConnections: 1, MaxPerAddress: 1,
		Log: slog.New(slog.DiscardHandler),
	})
	client := &memoryConn{said: bytes.NewReader(said), closed: make(chan struct{})}
	conns := make(chan net.Conn, 1)
	conns <- client
	served := make(chan error, 1)
	go func() { served <- s.Serve(&memoryListener{conns: conns, closed: make(chan struct{})}) }()
	<-client.closed
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	return client.heard.String()
}

// memoryListener hands out connections without a network.
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	select {
	case <-l.closed:
		return net.ErrClosed
	default:
		close(l.closed)
		return nil
	}
}

func (l *memoryListener) Addr() net.Addr { return &net.UnixAddr{} }

// memoryConn is a client that has said everything and then hangs up.
type memoryConn struct {
	said   *bytes.Reader
	heard  bytes.Buffer
	closed chan struct{}
}

func (c *memoryConn) Read(b []byte) (int, error) {
	if c.isClosed() {
		return 0, io.EOF
	}
	return c.said.Read(b)
}

func (c *memoryConn) Write(b []byte) (int, error) {
	if c.isClosed() {
		return 0, net.ErrClosed
	}
	return c.heard.Write(b)
}

func (c *memoryConn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *memoryConn) Close() error {
	if !c.isClosed() {
		close(c.closed)
	}
	return nil
}

func (c *memoryConn) LocalAddr() net.Addr              { return &net.UnixAddr{} }
func (c *memoryConn) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

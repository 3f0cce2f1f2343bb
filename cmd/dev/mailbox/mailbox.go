// Package mailbox catches the mail that Switchboard sends during development:
// an SMTP server that delivers nothing and shows what it was given.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"switchboard/cmd/dev/journal"
)

const maxMessageBytes = 50 << 20

// Options says where the mailbox listens and keeps its mail. Port 0 picks a
// free port.
type Options struct {
	SMTPAddress string
	HTTPAddress string
	// Dir holds mail.jsonl, one message a line; it must exist.
	Dir string
}

// Mailbox is a running catcher.
type Mailbox struct {
	mails mails
	smtp  *smtp.Server
	http  *http.Server

	smtpListener net.Listener
	httpListener net.Listener
	serving      sync.WaitGroup
	stop         sync.Once
}

// Start returns when both servers accept connections. Mail caught by an earlier
// mailbox in the folder is there again.
func Start(ctx context.Context, options Options) (_ *Mailbox, err error) {
	m := &Mailbox{}
	var closers []io.Closer
	defer func() {
		if err != nil {
			for _, c := range closers {
				err = errors.Join(err, c.Close())
			}
		}
	}()

	if m.mails.Journal, err = journal.Open[Mail](filepath.Join(options.Dir, "mail.jsonl")); err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	closers = append(closers, m.mails)
	var listen net.ListenConfig
	if m.smtpListener, err = listen.Listen(ctx, "tcp", options.SMTPAddress); err != nil {
		return nil, fmt.Errorf("mailbox SMTP address: %w", err)
	}
	closers = append(closers, m.smtpListener)
	if m.httpListener, err = listen.Listen(ctx, "tcp", options.HTTPAddress); err != nil {
		return nil, fmt.Errorf("mailbox HTTP address: %w", err)
	}
	m.serve()
	return m, nil
}

// SMTPAddress returns where mail is to be sent, host:port.
func (m *Mailbox) SMTPAddress() string { return m.smtpListener.Addr().String() }

// URL returns where the mail is listed as JSON, oldest first; ?to=address
// filters. The page for people is at the same host's root.
func (m *Mailbox) URL() string { return "http://" + m.httpListener.Addr().String() + "/mail" }

// Stop closes both servers and the file.
func (m *Mailbox) Stop() {
	m.stop.Do(func() {
		err := errors.Join(m.smtp.Close(), m.http.Close())
		// A server closed before it began to serve leaves its listener open.
		_ = m.smtpListener.Close()
		m.serving.Wait()
		if err := errors.Join(err, m.mails.Close()); err != nil {
			slog.Warn("mailbox did not stop cleanly", "error", err)
		}
	})
}

func (m *Mailbox) serve() {
	m.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{mails: m.mails}, nil
	}))
	m.smtp.Domain = "localhost"
	m.smtp.MaxMessageBytes = maxMessageBytes
	m.smtp.EnableSMTPUTF8 = true
	m.http = &http.Server{Handler: handler(m.mails), ReadHeaderTimeout: 10 * time.Second}
	m.serving.Go(func() {
		if err := m.smtp.Serve(m.smtpListener); err != nil {
			slog.Error("mailbox SMTP server ended", "error", err)
		}
	})
	m.serving.Go(func() {
		if err := m.http.Serve(m.httpListener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("mailbox HTTP server ended", "error", err)
		}
	})
}

// session is one SMTP connection.
type session struct {
	mails mails
	from  string
	to    []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return s.mails.Keep(parse(raw, s.from, s.to))
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

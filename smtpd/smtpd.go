// Package smtpd is where mail for hosted addresses comes in (E3): an SMTP server
// that relays nothing, refuses unknown recipients at RCPT, and answers 250 only
// after the mail is durable (B8). What comes for the postmaster goes to people.
package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"switchboard/inbox"
)

// Intake is the way further in.
type Intake interface {
	// Channel returns the channel a hosted address leads to; every other address
	// is CodeNotFound. Any other error may pass.
	Channel(ctx context.Context, address string) (inbox.Channel, error)
	// Receive returns nil once the mail is durable. It may be given the same mail
	// again, which then is still one message.
	Receive(ctx context.Context, mail Mail) error
	// PassOn returns nil once a person is sure to get a mail for the postmaster, or
	// for the abuse desk. Any error may pass.
	PassOn(ctx context.Context, recipient string, raw []byte) error
}

// Mail is one mail for one channel, as it came over the wire.
type Mail struct {
	Channel inbox.Channel
	// Raw is the message; lines end as the sender ended them.
	Raw []byte
	// EnvelopeFrom is the return path; "" is the null sender of reports and
	// automatic answers (RFC 5321, section 4.5.5).
	EnvelopeFrom string
	// Recipient is the hosted address it was sent to. When a mail names several of
	// the channel's, it is one that names a conversation.
	Recipient  string
	ReceivedAt time.Time
}

// Options are a server's settings.
type Options struct {
	Intake Intake
	// Domain is the part of hosted addresses after the "@", and the name the server
	// gives itself.
	Domain string
	// MaxBytes limits one mail. Mails being received are held in memory, together
	// at most memoryFactor times as much; beyond that a sender is asked to come
	// back.
	MaxBytes int64
	// MaxConnections limits connections, MaxPerAddress those of one remote address.
	MaxConnections, MaxPerAddress int
	// TLS offers STARTTLS; nil does not.
	TLS *tls.Config
	Log *slog.Logger
	// Count is told how each recipient and each mail was answered; nil is nobody.
	Count func(answer string)
}

// memoryFactor is how many mails of the largest size may be in memory at once.
const memoryFactor = 4

// Limits of RFC 5321: section 4.5.3.1.8 asks for 100 recipients at least. Lines
// should end after 1000 bytes (4.5.3.1.6), which not every mail program knows.
const (
	maxRecipients = 100
	maxLine       = 256 << 10
)

// writeTimeout bounds one answer.
const writeTimeout = time.Minute

// Server takes mail in.
type Server struct {
	options Options
	smtp    *smtp.Server
	memory  *memory
	// transactions is cancelled when a stop no longer waits for them.
	transactions context.Context
	cancel       context.CancelFunc

	mu       sync.Mutex
	listener *listener
	stopped  bool
}

// New returns a server that does not listen yet.
func New(options Options) *Server {
	if options.Count == nil {
		options.Count = func(string) {}
	}
	s := &Server{options: options, memory: newMemory(options.MaxBytes)}
	s.transactions, s.cancel = context.WithCancel(context.Background())
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.Domain = options.Domain
	s.smtp.MaxMessageBytes = options.MaxBytes
	s.smtp.MaxRecipients = maxRecipients
	s.smtp.MaxLineLength = maxLine
	s.smtp.WriteTimeout = writeTimeout
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.TLSConfig = options.TLS
	s.smtp.ErrorLog = discreet{options.Log}
	return s
}

// Serve accepts connections until Shutdown, and then returns nil.
func (s *Server) Serve(inner net.Listener) error {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return inner.Close()
	}
	s.listener = newListener(inner, s.options.MaxConnections, s.options.MaxPerAddress, func() { s.options.Count("too_many_connections") })
	s.mu.Unlock()
	if err := s.smtp.Serve(s.listener); err != nil && !s.isStopped() {
		return fmt.Errorf("serve SMTP: %w", err)
	}
	return nil
}

func (s *Server) isStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// Shutdown accepts no more connections, tells idle ones to go (421), and waits
// for the mails that are coming in. What ctx does not wait for is cut off
// without an answer: its sender comes back.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	if s.listener != nil {
		s.listener.drain()
		_ = s.listener.Close() // the library does not know it before it serves
	}
	s.mu.Unlock()
	defer s.cancel()
	err := s.smtp.Shutdown(ctx)
	if err == nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	s.mu.Lock()
	if s.listener != nil {
		s.listener.cut()
	}
	s.mu.Unlock()
	return fmt.Errorf("finish mails: %w", err)
}

// discreet logs what the library complains about without the addresses, remote
// and of mail, that its words carry (B12).
type discreet struct{ log *slog.Logger }

func (d discreet) Printf(format string, _ ...any) {
	d.log.Warn("smtp server complains", "what", format)
}

func (d discreet) Println(...any) { d.log.Warn("smtp server complains") }

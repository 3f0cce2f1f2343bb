package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"switchboard/channels/email"
	"switchboard/inbox"
)

const (
	lookUpTimeout = 10 * time.Second
	// storeTimeout is less than the ten minutes that a sender waits for the answer
	// to its message (RFC 5321, section 4.5.3.2.6).
	storeTimeout = time.Minute
	// maxUnknown is how many recipients one connection may guess.
	maxUnknown = 20
)

// session is one client's talk. The library may give a mail sent in chunks
// (BDAT) to Data on a goroutine of its own, while a RSET is already followed by
// the next transaction.
type session struct {
	server *Server
	conn   *conn

	mu         sync.Mutex
	open       bool // MAIL was given
	from       string
	recipients []recipient
	unknown    int
}

// recipient is an accepted one.
type recipient struct {
	channel      inbox.Channel
	address      string
	conversation bool // the address names one
	postmaster   bool // it has no channel
}

// isPostmaster reports whether an address is one of those that every domain has, in
// any case (RFC 5321, 4.5.1; RFC 2142, 4).
func isPostmaster(to string) bool {
	local := to[:strings.LastIndexByte(to, '@')]
	return strings.EqualFold(local, "postmaster") || strings.EqualFold(local, "abuse")
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: ours(c.Conn())}, nil
}

// ours is the connection below TLS, if there is any.
func ours(c net.Conn) *conn {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	return c.(*conn)
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return s.refuse(nestedMail)
	}
	s.open, s.from = true, from
	s.conn.setBusy(true)
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	defer s.recovered(&err, lookUpFailed)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unknown >= maxUnknown {
		return s.refuse(tooManyUnknown)
	}
	domain := s.server.options.Domain
	if !email.OnDomain(to, domain) {
		s.unknown++
		return s.refuse(otherDomain)
	}
	if isPostmaster(to) {
		s.add(recipient{address: to, postmaster: true})
		return nil
	}
	ctx, cancel := context.WithTimeout(s.server.transactions, lookUpTimeout)
	defer cancel()
	channel, err := s.server.options.Intake.Channel(ctx, to)
	switch {
	case err != nil && inbox.CodeOf(err) == inbox.CodeNotFound:
		s.unknown++
		return s.refuse(unknownRecipient)
	case err != nil:
		s.server.options.Log.Warn("recipient not looked up", "error", err)
		return s.refuse(lookUpFailed)
	case !channel.Enabled:
		return s.refuse(switchedOff)
	}
	_, conversationID, _ := email.ParseHosted(to, domain)
	s.add(recipient{channel: channel, address: to, conversation: conversationID != ""})
	return nil
}

// add keeps one recipient for each channel, and one postmaster.
func (s *session) add(r recipient) {
	for i, known := range s.recipients {
		if known.channel.ID == r.channel.ID {
			if r.conversation && !known.conversation {
				s.recipients[i] = r
			}
			return
		}
	}
	s.recipients = append(s.recipients, r)
}

// Data takes the mail in for every recipient's channel and returns nil only when
// all of them have it. One that failed makes the sender repeat it for all, which
// the others know as the same mail.
func (s *session) Data(r io.Reader) (err error) {
	defer s.recovered(&err, notStored)
	s.mu.Lock()
	from, recipients := s.from, slices.Clone(s.recipients)
	s.mu.Unlock()
	raw, release, err := s.read(r)
	defer release()
	if err != nil {
		return s.refuse(unreadable(err))
	}
	if len(recipients) == 0 { // the client gave up before its first chunk was seen
		return s.refuse(incomplete)
	}
	// The postmaster comes last: what holds up the mail to it holds up no channel's, and
	// a channel that failed does not have it passed on twice.
	slices.SortStableFunc(recipients, func(a, b recipient) int { return rank(a) - rank(b) })
	ctx, cancel := context.WithTimeout(s.server.transactions, storeTimeout)
	defer cancel()
	for _, to := range recipients {
		if err := s.hand(ctx, to, from, raw); err != nil {
			s.server.options.Log.Warn("mail not stored", "channel_id", to.channel.ID, "bytes", len(raw), "error", err)
			return s.refuse(notStored)
		}
		s.server.options.Log.Info("mail stored", "channel_id", to.channel.ID, "bytes", len(raw))
	}
	s.server.options.Count(accepted)
	return nil
}

func rank(to recipient) int {
	if to.postmaster {
		return 1
	}
	return 0
}

// hand gives a mail to one recipient.
func (s *session) hand(ctx context.Context, to recipient, from string, raw []byte) error {
	if to.postmaster {
		return s.server.options.Intake.PassOn(ctx, to.address, raw)
	}
	return s.server.options.Intake.Receive(ctx, Mail{
		Channel: to.channel, Raw: raw, EnvelopeFrom: from, Recipient: to.address, ReceivedAt: time.Now().UTC(),
	})
}

func (s *session) read(r io.Reader) (raw []byte, release func(), err error) {
	if _, chunked := r.(*io.PipeReader); chunked {
		return s.server.memory.read(bufio.NewReader(r), func([]byte) bool { return false })
	}
	raw, release, err = s.server.memory.read(r, s.endedAfterCR)
	if bytes.HasSuffix(raw, endAfterCR) {
		raw = raw[:len(raw)-len(".\r\n")]
	}
	return raw, release, err
}

// endAfterCR is how the data of a message ends whose last line ends with CR CR
// LF, as broken senders write it: with CR LF . CR LF, whatever is before it (RFC
// 5321, section 4.1.1.4).
var endAfterCR = []byte("\r\r\n.\r\n")

// endedAfterCR finds the end that the library does not see and would wait beyond.
// What the client sent after it is dropped, so that nothing smuggled into a
// message is taken for commands.
func (s *session) endedAfterCR(all []byte) bool {
	if all[len(all)-1] != '\n' || !bytes.HasSuffix(all, endAfterCR) {
		return false
	}
	s.conn.pause()
	return true
}

func unreadable(err error) answer {
	switch {
	case errors.Is(err, errMemory):
		return noMemory
	case errors.Is(err, smtp.ErrDataTooLarge):
		return tooLarge
	case errors.Is(err, smtp.ErrTooLongLine):
		return lineTooLong
	default:
		return incomplete
	}
}

// Reset ends the transaction: after a message, or because the client wants so.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.from, s.recipients = false, "", nil
	s.conn.setBusy(false)
}

// Logout ends the session; the connection may go on with TLS.
func (s *session) Logout() error {
	s.conn.setBusy(false)
	return nil
}

func (s *session) refuse(a answer) error {
	s.server.options.Count(a.name)
	return a.smtp
}

// recovered turns a panic into an answer. What was panicked with may hold a
// mail's text and is not logged (B12).
func (s *session) recovered(err *error, a answer) {
	if recover() != nil {
		s.server.options.Log.Error("panic while taking mail in", "stack", string(debug.Stack()))
		*err = s.refuse(a)
	}
}

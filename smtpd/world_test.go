package smtpd_test

import (
	"context"
	"log/slog"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/channels/email"
	"switchboard/inbox"
	"switchboard/smtpd"
)

// patience bounds what a client and the server say to each other.
const patience = 5 * time.Minute

const (
	domain   = "in.switchboard.test"
	maxBytes = 10_000
	support  = "supp0rt" // the tokens of channels
	sales    = "sa1es"
	off      = "switched0ff"
)

// fakeIntake keeps what it is given unless receive says otherwise.
type fakeIntake struct {
	lookUp  func() error
	receive func(smtpd.Mail) error

	mu     sync.Mutex
	kept   []smtpd.Mail
	passed []string
}

func (f *fakeIntake) Channel(_ context.Context, address string) (inbox.Channel, error) {
	token, _, _ := email.ParseHosted(address, domain)
	if f.lookUp != nil {
		if err := f.lookUp(); err != nil {
			return inbox.Channel{}, err
		}
	}
	if !slices.Contains([]string{support, sales, off}, token) {
		return inbox.Channel{}, inbox.NotFound("channel")
	}
	return inbox.Channel{ID: "id of " + token, Kind: inbox.KindEmail, Enabled: token != off}, nil
}

func (f *fakeIntake) Receive(_ context.Context, mail smtpd.Mail) error {
	if f.receive != nil {
		if err := f.receive(mail); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept, mail)
	return nil
}

func (f *fakeIntake) PassOn(_ context.Context, recipient string, raw []byte) error {
	if f.receive != nil {
		if err := f.receive(smtpd.Mail{Recipient: recipient, Raw: raw}); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passed = append(f.passed, recipient+"\n"+string(raw))
	return nil
}

func (f *fakeIntake) mails() []smtpd.Mail {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.kept)
}

// sole is the one mail that was kept.
func (f *fakeIntake) sole(t *testing.T) smtpd.Mail {
	t.Helper()
	mails := f.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails were kept", len(mails))
	}
	return mails[0]
}

// listening is a server that listens.
type listening struct {
	*smtpd.Server
	address string
	served  chan error
}

// start starts a server; change may be nil.
func start(t *testing.T, intake *fakeIntake, change func(*smtpd.Options)) *listening {
	t.Helper()
	options := smtpd.Options{
		Intake: intake, Domain: domain, MaxBytes: maxBytes, MaxConnections: 20, MaxPerAddress: 20,
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&options)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &listening{smtpd.New(options), inner.Addr().String(), make(chan error, 1)}
	go func() { s.served <- s.Serve(inner) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Shutdown(ctx) // what a test left open is cut off
	})
	return s
}

// talk is a client's side of a connection.
type talk struct {
	*textproto.Conn
	t *testing.T
}

// call connects and says EHLO.
func (s *listening) call(t *testing.T) *talk {
	t.Helper()
	c := s.connect(t)
	c.expect(220)
	c.say(250, "EHLO client.test")
	return c
}

func (s *listening) connect(t *testing.T) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c := &talk{textproto.NewConn(conn), t}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// say sends a command and expects a code.
func (c *talk) say(code int, command string) (answer string) {
	c.t.Helper()
	if err := c.PrintfLine("%s", command); err != nil {
		c.t.Fatal(err)
	}
	return c.expect(code)
}

func (c *talk) expect(code int) (answer string) {
	c.t.Helper()
	got, answer, err := c.ReadResponse(code)
	if err != nil {
		c.t.Fatalf("answered %d %s, not %d: %v", got, answer, code, err)
	}
	return answer
}

// write sends bytes as they are.
func (c *talk) write(raw string) {
	c.t.Helper()
	if _, err := c.W.WriteString(raw); err != nil {
		c.t.Fatal(err)
	}
	if err := c.W.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// begin gives an envelope and DATA.
func (c *talk) begin(from string, tokens ...string) {
	c.t.Helper()
	c.say(250, "MAIL FROM:<"+from+">")
	for _, token := range tokens {
		c.say(250, "RCPT TO:<"+email.HostedAddress(token, domain)+">")
	}
	c.say(354, "DATA")
}

// deliver sends a whole mail and expects a code.
func (c *talk) deliver(code int, raw string, tokens ...string) {
	c.t.Helper()
	c.begin(sender, tokens...)
	c.write(raw)
	c.say(code, ".")
}

const (
	sender = "grace@contact.test"
	lamp   = "From: grace@contact.test\r\nSubject: Broken lamp\r\n\r\nIt flickers.\r\n"
)

// refuse sends a command that is refused with a code and an enhanced one.
func (c *talk) refuse(code int, enhanced, command string) {
	c.t.Helper()
	if answer := c.say(code, command); !strings.HasPrefix(answer, enhanced+" ") {
		c.t.Errorf("%s was answered %d %s, not %s", command, code, answer, enhanced)
	}
}

// ends reads until the server has closed the connection.
func (c *talk) ends() {
	c.t.Helper()
	if _, err := c.R.ReadByte(); err == nil {
		c.t.Error("the connection goes on")
	}
}

package postfix_test

import (
	"io"
	"net"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"switchboard/test/standins/daemon"
	"switchboard/test/standins/postfix"
)

func TestAMailArrivesWithItsEnvelope(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	relay := postfix.Start(t, map[string]string{"in.example.test": sink.address}, "")
	swaks(t, relay, "--from", "grace@example.com", "--to", "Support+1@in.example.test", "--body", "It flickers.")
	got := <-sink.got
	require.Equal(t, "grace@example.com", got.from)
	require.Equal(t, "Support+1@in.example.test", got.to)
	require.Contains(t, got.raw, "\r\n\r\nIt flickers.\r\n")
	require.Contains(t, got.raw, "by relay.example.test (Postfix)")
}

func TestWhatIsRefusedForNowComesAgain(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	sink.busy.Store(1)
	relay := postfix.Start(t, map[string]string{"in.example.test": sink.address}, "")
	swaks(t, relay, "--from", "<>", "--to", "support@in.example.test")
	got := <-sink.got
	require.Empty(t, got.from)
	require.Equal(t, "support@in.example.test", got.to)
	require.Negative(t, sink.busy.Load())
}

func TestARedirectKeepsTheSender(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	relay := postfix.Start(t, map[string]string{"in.example.test": sink.address},
		"virtual_alias_maps = inline:{ {team@company.example = hosted@in.example.test} }")
	swaks(t, relay, "--from", "grace@example.com", "--to", "team@company.example")
	got := <-sink.got
	require.Equal(t, "grace@example.com", got.from)
	require.Equal(t, "hosted@in.example.test", got.to)
	require.Contains(t, got.raw, "\r\nTo: team@company.example\r\n")
}

// swaks hands a mail to the relay.
func swaks(t *testing.T, relay *postfix.Server, arguments ...string) {
	t.Helper()
	daemon.Require(t, daemon.Installed("swaks"), "swaks is not installed")
	arguments = append([]string{"--server", relay.Address, "--helo", "client.example.test"}, arguments...)
	output, err := exec.CommandContext(t.Context(), "swaks", arguments...).CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// sink takes mail.
type sink struct {
	address string
	got     chan mail
	// busy is how many mails more are refused for now.
	busy atomic.Int32
}

type mail struct{ from, to, raw string }

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{got: make(chan mail, 1)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = listener.Addr().String()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

type session struct {
	sink *sink
	mail mail
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.sink.busy.Add(-1) >= 0 {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	}
	raw, err := io.ReadAll(r)
	s.mail.raw = string(raw)
	s.sink.got <- s.mail
	return err
}

func (*session) Reset() {}

func (*session) Logout() error { return nil }

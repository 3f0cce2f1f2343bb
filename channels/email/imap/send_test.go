package imap_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
)

func TestSenderSendsBySMTP(t *testing.T) {
	t.Parallel()
	got := make(chan sent, 1)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{got: got}, nil }))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	settings := valid()
	settings.SMTP = imap.Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: mail.TLSNone}
	sender, err := imap.NewSender(settings)
	require.NoError(t, err)
	out := mailbox.Outgoing{
		Raw: letter("answer"), From: "team@example.com", To: "grace@example.com",
		MessageID: "answer@example.com", ComposedAt: time.Now(),
	}
	accepted, err := sender.Send(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, mailbox.Accepted{MessageID: "answer@example.com"}, accepted)
	require.Equal(t, sent{from: "team@example.com", to: "grace@example.com", raw: string(letter("answer"))}, <-got)

	_, _, err = sender.Sent(t.Context(), out)
	failure, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Unknown, failure.Outcome)
}

type sent struct{ from, to, raw string }

type session struct {
	got  chan<- sent
	mail sent
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
	raw, err := io.ReadAll(r)
	s.mail.raw = string(raw)
	s.got <- s.mail
	return err
}

func (*session) Reset() {}

func (*session) Logout() error { return nil }

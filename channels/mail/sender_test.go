package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"switchboard/channels"
	"switchboard/inbox"
)

func TestTheOutcomeOfATryFollowsTheServersAnswer(t *testing.T) {
	t.Parallel()
	answer := func(code, class int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, 1, 1}, Message: "not ada@example.test"}
	}
	for name, test := range map[string]struct {
		server  *server
		outcome channels.Outcome
		code    inbox.Code
	}{
		"recipient refused":       {&server{onRcpt: answer(550, 5)}, channels.Final, inbox.CodeDeliveryFailed},
		"recipient deferred":      {&server{onRcpt: answer(451, 4)}, channels.Retry, inbox.CodeUnavailable},
		"content refused":         {&server{onData: answer(554, 5)}, channels.Final, inbox.CodeDeliveryFailed},
		"content deferred":        {&server{onData: answer(452, 4)}, channels.Retry, inbox.CodeUnavailable},
		"sender refused":          {&server{onMail: answer(553, 5)}, channels.Retry, inbox.CodeUnavailable},
		"no answer after content": {&server{hangUp: true}, channels.Unknown, inbox.CodeDeliveryUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.server.start(t, TLSNone)
			failed(t, send(t, test.server, Settings{TLS: TLSNone}, greeting()), test.outcome, test.code)
		})
	}
}

func TestAServerThatCannotBeReachedIsTriedAgain(t *testing.T) {
	t.Parallel()
	nobody := &server{address: "127.0.0.1:1"}
	failed(t, send(t, nobody, Settings{TLS: TLSNone}, greeting()), channels.Retry, inbox.CodeUnavailable)
}

func TestASilentServerIsLeftAtTheDeadline(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	sender, err := NewSender(Settings{Address: listener.Addr().String(), TLS: TLSNone, From: "support@company.test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	failed(t, sender.Send(ctx, greeting()), channels.Retry, inbox.CodeUnavailable)
}

func TestMailThatCannotBeBuiltIsFinal(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Mail){
		"no recipient":         func(m *Mail) { m.To = "" },
		"two recipients":       func(m *Mail) { m.To = "ada@example.test, eve@example.test" },
		"injected recipient":   func(m *Mail) { m.To = "ada@example.test>\r\nRCPT TO:<eve@example.test" },
		"injected from":        func(m *Mail) { m.From = "a@company.test\r\nBcc: eve@example.test" },
		"injected reply-to":    func(m *Mail) { m.ReplyTo = "a@company.test\nBcc: eve@example.test" },
		"no message id":        func(m *Mail) { m.MessageID = "" },
		"injected message id":  func(m *Mail) { m.MessageID = "<1@a>\r\nBcc: eve@example.test" },
		"message id and space": func(m *Mail) { m.MessageID = "1@a 2@a" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &server{}
			server.start(t, TLSNone)
			mail := greeting()
			change(&mail)
			failed(t, send(t, server, Settings{TLS: TLSNone}, mail), channels.Final, inbox.CodeDeliveryFailed)
			if len(server.got) != 0 {
				t.Fatal("sent all the same")
			}
		})
	}
}

func TestAMessageGoesToOneAddressOnly(t *testing.T) {
	t.Parallel()
	const ada, many = "ada@example.test", "ada@example.test>\r\nRCPT TO:<eve@example.test"
	sender, err := NewSender(Settings{Address: "127.0.0.1:0", TLS: TLSNone, From: "support@company.test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, envelope := range [][2]string{{"", ""}, {"", many}, {many, ada}, {"Ada <ada@example.test>", ada}} {
		err := sender.SendRaw(t.Context(), envelope[0], envelope[1], []byte("Subject: Hello\r\n\r\nHello\r\n"))
		failed(t, err, channels.Final, inbox.CodeDeliveryFailed)
	}
}

func TestAPasswordTravelsUnderTLSOnly(t *testing.T) {
	t.Parallel()
	for _, mode := range []TLS{TLSStart, TLSImplicit} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			server := &server{password: "secret"}
			server.start(t, mode)
			settings := Settings{TLS: mode, Username: "switchboard", Password: "secret"}
			if err := send(t, server, settings, greeting()); err != nil {
				t.Fatal(err)
			}
			server.sole(t)
			settings.Password = "wrong"
			failed(t, send(t, server, settings, greeting()), channels.Retry, inbox.CodeUnavailable)
		})
	}
	if _, err := NewSender(Settings{Address: "127.0.0.1:25", TLS: TLSNone, Username: "switchboard", From: "a@b.test"}); err == nil {
		t.Fatal("a password without TLS is accepted")
	}
}

func TestALoginCanBeTried(t *testing.T) {
	t.Parallel()
	server := &server{password: "secret"}
	server.start(t, TLSStart)
	try := func(change func(*Settings)) error {
		settings := Settings{
			Address: server.address, TLS: TLSStart, Username: "switchboard", Password: "secret",
			From: "support@company.test", Roots: server.roots,
		}
		change(&settings)
		sender, err := NewSender(settings)
		if err != nil {
			t.Fatal(err)
		}
		return sender.Try(t.Context())
	}
	if err := try(func(*Settings) {}); err != nil {
		t.Error(err)
	}
	if err := try(func(s *Settings) { s.Password = "wrong" }); !errors.Is(err, ErrLogin) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := try(func(s *Settings) { s.Roots = nil }); err == nil || errors.Is(err, ErrLogin) {
		t.Errorf("an unknown certificate: %v", err)
	}
	if len(server.got) != 0 {
		t.Error("a mail was sent")
	}
}

func TestAServerWithoutSTARTTLSIsNotUsedWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	server := &server{}
	server.start(t, TLSNone)
	failed(t, send(t, server, Settings{TLS: TLSStart}, greeting()), channels.Retry, inbox.CodeUnavailable)
	if len(server.got) != 0 {
		t.Fatal("sent in the clear")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]Settings{
		"no port":  {Address: "mail.test", TLS: TLSNone, From: "a@b.test"},
		"bad port": {Address: "mail.test:smtp", TLS: TLSNone, From: "a@b.test"},
		"no mode":  {Address: "mail.test:25", From: "a@b.test"},
		"bad from": {Address: "mail.test:25", TLS: TLSNone, From: "A <a@b.test>"},
	} {
		if _, err := NewSender(settings); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func greeting() Mail {
	return Mail{
		To: "ada@example.test", FromName: "Company", Subject: "Hello", Text: "Hello Ada",
		MessageID: "m1@company.test",
	}
}

func send(t *testing.T, server *server, settings Settings, mail Mail) error {
	t.Helper()
	settings.Address, settings.From, settings.Roots = server.address, "support@company.test", server.roots
	sender, err := NewSender(settings)
	if err != nil {
		t.Fatal(err)
	}
	return sender.Send(t.Context(), mail)
}

func failed(t *testing.T, err error, outcome channels.Outcome, code inbox.Code) {
	t.Helper()
	failure, ok := errors.AsType[*channels.SendError](err)
	if !ok || failure.Outcome != outcome || failure.Code != code {
		t.Fatalf("%v is not outcome %d with code %s", err, outcome, code)
	}
	if strings.Contains(err.Error(), "@") {
		t.Fatalf("%v names an address", err)
	}
}

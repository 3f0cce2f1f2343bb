package smtpd_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"switchboard/smtpd"
)

func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*smtpd.Options){
		"in all":      func(o *smtpd.Options) { o.MaxConnections = 2 },
		"per address": func(o *smtpd.Options) { o.MaxPerAddress = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, &fakeIntake{}, limit)
			first := s.call(t)
			s.call(t)
			refused := s.connect(t)
			refused.expect(421)
			refused.ends()
			first.say(221, "QUIT")
			first.ends()
			s.call(t)
		})
	}
}

func TestAMailTravelsEncryptedWhenThereIsACertificate(t *testing.T) {
	t.Parallel()
	certificate := httptest.NewTLSServer(nil)
	certificate.Close()
	intake := &fakeIntake{}
	s := start(t, intake, func(o *smtpd.Options) { o.TLS = &tls.Config{Certificates: certificate.TLS.Certificates} })
	client, err := smtp.DialStartTLS(s.address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.SendMail(sender, []string{support + "@" + domain}, strings.NewReader(lamp)); err != nil {
		t.Fatal(err)
	}
	intake.sole(t)
}

// TestCommandsBeforeTheEncryptionAreForgotten: somebody on the way may have put
// them there.
func TestCommandsBeforeTheEncryptionAreForgotten(t *testing.T) {
	t.Parallel()
	certificate := httptest.NewTLSServer(nil)
	certificate.Close()
	s := start(t, &fakeIntake{}, func(o *smtpd.Options) { o.TLS = &tls.Config{Certificates: certificate.TLS.Certificates} })
	c := s.call(t)
	c.write("STARTTLS\r\nNOOP\r\n")
	c.expect(220)
	c.write("no handshake\r\n")
	if code, answer, err := c.ReadResponse(250); err == nil {
		t.Errorf("answered %d %s", code, answer)
	}
}

func TestAStopFinishesTheMailsUnderWay(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	s := start(t, intake, nil)
	idle, busy := s.call(t), s.call(t)
	busy.begin(sender, support)
	busy.write("Subject: a\r\n")
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	idle.expect(421)
	idle.ends()
	busy.write("\r\nb\r\n")
	busy.say(250, ".")
	busy.expect(421)
	busy.ends()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-s.served; err != nil {
		t.Error(err)
	}
	intake.sole(t)
}

func TestAStopThatIsOutOfTimeCutsOff(t *testing.T) {
	t.Parallel()
	s := start(t, &fakeIntake{}, nil)
	c := s.call(t)
	c.begin(sender, support)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("it says that all is finished")
	}
	c.ends()
}

func TestLogsNameNobody(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, &fakeIntake{receive: func(smtpd.Mail) error { panic("It flickers.") }},
		func(o *smtpd.Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	c := s.call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.say(550, "RCPT TO:<nobody@"+domain+">")
	c.say(250, "RCPT TO:<"+support+"@"+domain+">")
	c.say(354, "DATA")
	c.write(lamp)
	c.say(451, ".")
	c.say(221, "QUIT")
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if log.Len() == 0 {
		t.Fatal("nothing was logged")
	}
	for _, personal := range []string{"grace", "contact.test", "nobody", "flickers", "lamp", "127.0.0.1", support + "@"} {
		if strings.Contains(log.String(), personal) {
			t.Errorf("%q is in the log: %s", personal, log.String())
		}
	}
}

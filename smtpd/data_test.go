package smtpd_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/smtpd"
)

func TestAMailArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"plain":               lamp,
		"null bytes":          "Subject: a\x00b\r\n\r\n\x00\r\n",
		"eight bits":          "Subject: Gr\xfc\xdfe\r\n\r\n\xff\xfe\r\n",
		"no headers":          "hello\r\n",
		"bare line feeds":     "Subject: a\n\nb\n.\nQUIT\n\r\n",
		"bare returns":        "Subject: a\r\rb\r\n\r\n",
		"one very long line":  strings.Repeat("x", 9000) + "\r\n",
		"thousands of fields": strings.Repeat("A:\r\n", 2000) + "\r\n",
		"nothing":             "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			intake := &fakeIntake{}
			c := start(t, intake, nil).call(t)
			c.deliver(250, raw, support)
			got := intake.sole(t)
			if string(got.Raw) != raw || got.EnvelopeFrom != sender || got.Recipient != support+"@"+domain || got.ReceivedAt.IsZero() {
				t.Errorf("%+v\n%q", got, got.Raw)
			}
		})
	}
}

func TestTheNullSenderIsPassedOn(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.begin("", support)
	c.write(lamp)
	c.say(250, ".")
	if from := intake.sole(t).EnvelopeFrom; from != "" {
		t.Errorf("from %q", from)
	}
}

func TestDotsAreUnstuffed(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.deliver(250, "..\r\n..a\r\n", support)
	if raw := intake.sole(t).Raw; string(raw) != ".\r\n.a\r\n" {
		t.Errorf("%q", raw)
	}
}

func TestNothingSmuggledIntoAMailIsACommand(t *testing.T) {
	t.Parallel()
	second := "MAIL FROM:<admin@contact.test>\r\nRCPT TO:<" + sales + "@" + domain + ">\r\nDATA\r\nforged\r\n"
	for _, end := range []string{"\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r\r\n.\r\n"} {
		t.Run(fmt.Sprintf("%q", end), func(t *testing.T) {
			t.Parallel()
			intake := &fakeIntake{}
			c := start(t, intake, nil).call(t)
			c.deliver(250, "Subject: a\r\n\r\nb"+end+second, support)
			if got := intake.sole(t); got.Channel.ID != "id of "+support {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestALastLineWithTwoReturnsEndsTheMail: broken senders end lines so, and would
// wait for our answer.
func TestALastLineWithTwoReturnsEndsTheMail(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.deliver(250, "Subject: a\r\r\n\r\r\nb\r\r\n", support)
	if raw := intake.sole(t).Raw; string(raw) != "Subject: a\r\r\n\r\r\nb\r\r\n" {
		t.Errorf("%q", raw)
	}
	c.deliver(250, lamp, support)
	if mails := intake.mails(); len(mails) != 2 {
		t.Errorf("%d mails", len(mails))
	}
}

func TestAMailInChunksArrivesWhole(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.say(250, "RCPT TO:<"+support+"@"+domain+">")
	c.write("BDAT 7\r\na\r\r\n.\r\n")
	c.expect(250)
	c.write("BDAT 3 LAST\r\nb\r\n")
	c.expect(250)
	if raw := intake.sole(t).Raw; string(raw) != "a\r\r\n.\r\nb\r\n" {
		t.Errorf("%q", raw)
	}
}

func TestChunksThatAreGivenUpAreNoMail(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.say(250, "RCPT TO:<"+support+"@"+domain+">")
	c.write("BDAT 3\r\na\r\n")
	c.expect(250)
	c.say(250, "RSET")
	c.deliver(250, lamp, sales)
	if got := intake.sole(t); got.Channel.ID != "id of "+sales {
		t.Errorf("%+v", got)
	}
}

func TestAMailIsAcceptedOnlyWhenEveryChannelHasIt(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"fails":  func() error { return errors.New("cannot commit") },
		"panics": func() error { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := true
			intake := &fakeIntake{receive: func(mail smtpd.Mail) error {
				if broken && mail.Channel.ID == "id of "+sales {
					return fail()
				}
				return nil
			}}
			c := start(t, intake, nil).call(t)
			c.begin(sender, support, sales)
			c.write(lamp)
			c.refuse(451, "4.3.0", ".")
			broken = false
			c.deliver(250, lamp, support, sales)
		})
	}
}

func TestAMailThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	c.refuse(552, "5.3.4", fmt.Sprintf("MAIL FROM:<%s> SIZE=%d", sender, maxBytes+1))
	c.begin(sender, support)
	c.write(strings.Repeat(lamp, maxBytes/len(lamp)+1))
	c.refuse(552, "5.3.4", ".")
	c.deliver(250, strings.Repeat("x", maxBytes-100)+"\r\n", support)
	intake.sole(t)
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, func(o *smtpd.Options) { o.MaxBytes = 1 << 20 }).call(t)
	c.begin(sender, support)
	// The server hangs up before it has come to its end.
	go func() { _, _ = c.W.WriteString(strings.Repeat("x", 300<<10)) }()
	c.expect(554)
	if len(intake.mails()) != 0 {
		t.Error("it was kept")
	}
}

func TestAMailThatIsCutOffIsNotKept(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	s := start(t, intake, nil)
	c := s.call(t)
	c.begin(sender, support)
	c.write(lamp)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil { // waits for the session
		t.Fatal(err)
	}
	if mails := intake.mails(); len(mails) != 0 {
		t.Errorf("%+v", mails)
	}
}

// TestMailsBeingReceivedTakeLimitedMemory: four of the largest fit, the others
// come back.
func TestMailsBeingReceivedTakeLimitedMemory(t *testing.T) {
	t.Parallel()
	full, goOn := make(chan struct{}, 4), make(chan struct{})
	s := start(t, &fakeIntake{receive: func(smtpd.Mail) error { full <- struct{}{}; <-goOn; return nil }}, nil)
	var waiting []*talk
	for range 4 {
		c := s.call(t)
		c.begin(sender, support)
		c.write(lamp + ".\r\n")
		await(t, full)
		waiting = append(waiting, c)
	}
	last := s.call(t)
	last.begin(sender, support)
	last.write(lamp)
	last.refuse(452, "4.3.1", ".")
	close(goOn)
	for _, c := range waiting {
		c.expect(250)
	}
	last.deliver(250, lamp, support)
}

// await fails the test instead of waiting for ever.
func await(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(patience):
		t.Fatal("it did not happen")
	}
}

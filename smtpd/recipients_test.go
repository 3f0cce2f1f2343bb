package smtpd_test

import (
	"errors"
	"strings"
	"testing"

	"switchboard/channels/email"
)

func TestOnlyHostedAddressesAreTaken(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	for _, r := range []struct {
		to, enhanced string
		code         int
	}{
		{"nobody@" + domain, "5.1.1", 550},
		{"not.a.token@" + domain, "5.1.1", 550},
		{"gr\u00fcn@" + domain, "5.1.1", 550},
		{"someone@elsewhere.test", "5.7.1", 550},
		{support + "@sub." + domain, "5.7.1", 550},
		{support + "%elsewhere.test@" + domain, "5.1.1", 550},
		{off + "@" + domain, "4.2.1", 450},
	} {
		c.refuse(r.code, r.enhanced, "RCPT TO:<"+r.to+">")
	}
	c.say(502, "DATA")
	c.say(250, "RCPT TO:<"+strings.ToUpper(support+"@"+domain)+">")
}

func TestARecipientThatCannotBeLookedUpIsRefusedForNow(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{lookUp: func() error { return errors.New("database away") }}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.refuse(451, "4.3.0", "RCPT TO:<"+support+"@"+domain+">")
}

func TestALookUpThatPanicsIsRefusedForNow(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{lookUp: func() error { panic("broken") }}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.refuse(451, "4.3.0", "RCPT TO:<"+support+"@"+domain+">")
	c.say(250, "NOOP")
}

func TestNobodyGuessesManyAddressesOnOneConnection(t *testing.T) {
	t.Parallel()
	asked := 0
	c := start(t, &fakeIntake{lookUp: func() error { asked++; return nil }}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	for range 20 {
		c.say(550, "RCPT TO:<guess@"+domain+">")
	}
	c.refuse(450, "4.7.0", "RCPT TO:<"+support+"@"+domain+">")
	if asked != 20 {
		t.Errorf("the address was looked up %d times", asked)
	}
}

func TestRecipientsOfOneMailAreLimited(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	for range 100 {
		c.say(250, "RCPT TO:<"+support+"@"+domain+">")
	}
	c.refuse(452, "4.5.3", "RCPT TO:<"+support+"@"+domain+">")
}

func TestEachChannelGetsTheMailOnce(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	reply := email.ReplyAddress(support, "01900000-0000-7000-8000-000000000001", domain)
	c.say(250, "MAIL FROM:<"+sender+">")
	for _, to := range []string{support + "@" + domain, reply, sales + "+whatever@" + domain} {
		c.say(250, "RCPT TO:<"+to+">")
	}
	c.say(354, "DATA")
	c.write(lamp)
	c.say(250, ".")
	mails := intake.mails()
	if len(mails) != 2 || mails[0].Recipient != reply || mails[0].Channel.ID != "id of "+support || mails[1].Channel.ID != "id of "+sales {
		t.Errorf("%+v", mails)
	}
}

func TestTheSenderOfAMailIsGivenOnce(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{}, nil).call(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.refuse(503, "5.5.1", "MAIL FROM:<other@contact.test>")
	c.say(250, "RSET")
	c.say(250, "MAIL FROM:<other@contact.test>")
}

func TestTheServerOffersNoLogin(t *testing.T) {
	t.Parallel()
	c := start(t, &fakeIntake{}, nil).connect(t)
	c.expect(220)
	offered := c.say(250, "EHLO client.test")
	for _, extension := range []string{"SIZE 10000", "8BITMIME", "SMTPUTF8", "PIPELINING"} {
		if !strings.Contains(offered, extension) {
			t.Errorf("%s is not offered: %s", extension, offered)
		}
	}
	for _, extension := range []string{"AUTH", "STARTTLS"} {
		if strings.Contains(offered, extension) {
			t.Errorf("%s is offered: %s", extension, offered)
		}
	}
}

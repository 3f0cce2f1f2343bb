package smtpd_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"switchboard/channels/email"
	"switchboard/smtpd"
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

// TestEveryDomainHasAPostmaster: RFC 5321, 4.5.1, and RFC 2142.
func TestEveryDomainHasAPostmaster(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{}
	c := start(t, intake, nil).call(t)
	for _, local := range []string{"postmaster", "Postmaster", "ABUSE"} {
		c.begin(sender, local)
		c.write(lamp)
		c.say(250, ".")
	}
	c.deliver(250, lamp, support, "postmaster", "abuse")
	want := []string{"postmaster", "Postmaster", "ABUSE", "postmaster"}
	for i := range want {
		want[i] += "@" + domain + "\n" + lamp
	}
	if !slices.Equal(intake.passed, want) {
		t.Errorf("passed on %q", intake.passed)
	}
	intake.sole(t)
	c.say(250, "MAIL FROM:<"+sender+">")
	c.refuse(550, "5.7.1", "RCPT TO:<postmaster@elsewhere.test>")
	c.refuse(550, "5.1.1", "RCPT TO:<postmaster+x@"+domain+">")
}

func TestThePostmastersMailIsTheSendersUntilSomebodyHasIt(t *testing.T) {
	t.Parallel()
	intake := &fakeIntake{receive: func(smtpd.Mail) error { return errors.New("the mail server is away") }}
	c := start(t, intake, nil).call(t)
	c.begin("", "postmaster")
	c.write(lamp)
	c.refuse(451, "4.3.0", ".")
}

func TestThePostmasterHoldsUpNoChannelsMailAndGetsNoneTwice(t *testing.T) {
	t.Parallel()
	fails := ""
	intake := &fakeIntake{receive: func(mail smtpd.Mail) error {
		if strings.HasPrefix(mail.Recipient, fails) {
			return errors.New("not now")
		}
		return nil
	}}
	c := start(t, intake, nil).call(t)
	for _, fails = range []string{support, "postmaster"} {
		c.begin(sender, "postmaster", support)
		c.write(lamp)
		c.refuse(451, "4.3.0", ".")
		if len(intake.passed) > 0 {
			t.Errorf("passed on %q", intake.passed)
		}
	}
	intake.sole(t)
}

func TestADomainIsKnownInBothItsForms(t *testing.T) {
	t.Parallel()
	for _, ours := range []string{"post.m\u00fcller.test", "post.xn--mller-kva.test"} {
		intake := &fakeIntake{}
		c := start(t, intake, func(o *smtpd.Options) { o.Domain = ours }).call(t)
		c.say(250, "MAIL FROM:<"+sender+"> SMTPUTF8")
		for _, form := range []string{"post.m\u00fcller.test", "POST.M\u00dcLLER.test", "post.xn--mller-kva.test"} {
			c.say(250, "RCPT TO:<abuse@"+form+">")
		}
		c.refuse(550, "5.7.1", "RCPT TO:<abuse@m\u00fcller.test>")
	}
}

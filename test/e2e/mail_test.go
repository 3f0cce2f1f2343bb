package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func mailsAreOneConversation(t *testing.T, s *system) {
	o := s.newOffice(t, "mail", 1)
	ada := o.agents[0]
	channel := o.email(t, o.teamRule())
	question := letter{sender: "grace-mail", id: "lamp", subject: "A lamp"}
	s.deliver(t, channel, question)

	id := s.awaitRouted(t, channel, 1)[0].ID
	conversation := s.awaitTicket(t, id)
	if !is(conversation.AssigneeID, ada.ID) || conversation.Subject != "A lamp "+personal {
		t.Errorf("not assigned to who is here: %+v", conversation)
	}
	contact := get[contract.Contact](t, ada.client, "/api/v1/contacts/"+*conversation.ContactID)
	if contact.Name != "Grace "+personal || !slices.Contains(contact.Identities, inbox.EmailIdentity(address("grace-mail"))) {
		t.Errorf("the contact: %+v", contact)
	}

	s.awaitState(t, id, s.reply(t, ada, id, "reply").ID, "sent")
	answers := s.mailTo(t, address("grace-mail"))
	if len(answers) != 1 {
		t.Fatalf("one answer is %d mails: %+v", len(answers), answers)
	}
	answer := answers[0]
	if answer.Headers["In-Reply-To"] != question.messageID() || !strings.Contains(answer.Headers["References"], question.messageID()) {
		t.Errorf("the answer is not in the question's thread: %+v", answer.Headers)
	}

	s.deliver(t, channel, letter{sender: "grace-mail", id: "thanks", subject: "Re: A lamp", inReplyTo: answer.MessageID})
	plus := strings.Trim(answer.Headers["Reply-To"], "<>")
	late := letter{sender: "grace-mail", id: "late", subject: "Another subject", to: plus}
	s.deliver(t, channel, late)
	s.deliver(t, channel, late)
	s.awaitEvents(t, id, inbox.EventMessageReceived, 3)
	if messages := s.messages(t, id); len(messages) != 4 {
		t.Errorf("%d messages: %+v", len(messages), messages)
	}
	if found := s.conversations(t, channel); len(found) != 1 {
		t.Errorf("%d conversations", len(found))
	}
}

func mailIsRefusedWhereItDoesNotBelong(t *testing.T, s *system) {
	o := s.newOffice(t, "refused-mail", 1)
	channel := o.email(t, o.teamRule())
	to := hosted(t, channel)
	_, domain, _ := strings.Cut(to, "@")
	off := o.email(t, o.teamRule())
	change[contract.Channel](t, s.admin, 200, "PATCH", "/api/v1/channels/"+off.ID, settings{"enabled": false})
	for recipient, code := range map[string]int{
		"nobody@" + domain:   550,
		address("elsewhere"): 550,
		hosted(t, off):       450,
	} {
		l := letter{sender: "grace-refused", id: "refused", subject: "x", to: recipient}
		err := s.send(l.from(), recipient, l.text())
		if answered, ok := errors.AsType[*smtp.SMTPError](err); !ok || answered.Code != code {
			t.Errorf("%s was answered %v, not %d", recipient, err, code)
		}
	}
	if found := s.conversations(t, channel); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

func mailFromProgramsOpensNothing(t *testing.T, s *system) {
	o := s.newOffice(t, "programs", 1)
	ada := o.agents[0]
	channel := o.email(t, o.teamRule())
	s.deliver(t, channel, letter{sender: "grace-programs", id: "away", subject: "I am away", more: "Auto-Submitted: auto-replied\r\n"})
	s.isQuarantined(t, channel, "nobody wrote")

	s.deliver(t, channel, letter{sender: "grace-programs", id: "asked", subject: "A question"})
	id := s.awaitRouted(t, channel, 1)[0].ID
	reply := s.reply(t, ada, id, "reply")
	s.awaitState(t, id, reply.ID, "sent")
	mails := s.mailTo(t, address("grace-programs"))
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	if err := s.send("", hosted(t, channel), bounceOf(mails[0].MessageID, hosted(t, channel))); err != nil {
		t.Fatal(err)
	}
	s.awaitState(t, id, reply.ID, "failed")
	if messages := s.messages(t, id); len(messages) != 2 {
		t.Errorf("the report is a message: %+v", messages)
	}
	if found := s.conversations(t, channel); len(found) != 1 {
		t.Errorf("%d conversations", len(found))
	}
}

func unreadableMailIsKept(t *testing.T, s *system) {
	o := s.newOffice(t, "unreadable", 1)
	channel := o.email(t, o.teamRule())
	raw := "Subject: from nobody " + personal + "\r\n\x00\xff\r\n\r\n" + personal
	for range 2 {
		if err := s.send("", hosted(t, channel), raw); err != nil {
			t.Fatal(err)
		}
	}
	s.isQuarantined(t, channel, "no usable sender")
	if found := s.conversations(t, channel); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// isQuarantined checks that a channel has one item in quarantine, and
// the reason that is told.
func (s *system) isQuarantined(t *testing.T, channel contract.Channel, reason string) {
	t.Helper()
	items := slices.DeleteFunc(all[contract.QuarantineItem](t, s.admin, "/api/v1/quarantine", url.Values{}),
		func(item contract.QuarantineItem) bool { return !is(item.ChannelID, channel.ID) })
	if len(items) != 1 || items[0].Source != "email" || !strings.Contains(items[0].Error, reason) {
		t.Errorf("in quarantine: %+v", items)
	}
}

// email connects an e-mail channel to the office's inbox.
func (o *office) email(t *testing.T, assignment settings) contract.Channel {
	t.Helper()
	return o.channel(t, "email", assignment, settings{})
}

func hosted(t *testing.T, channel contract.Channel) string {
	t.Helper()
	if channel.HostedAddress == nil {
		t.Fatalf("the channel has no hosted address: %+v", channel)
	}
	return *channel.HostedAddress
}

// letter is a mail somebody writes to a channel. Its sender is the office's own,
// so that statements do not share contacts.
type letter struct {
	id, subject     string
	sender          string // the local part
	to              string // the hosted address when it is none
	inReplyTo, more string
}

func (l letter) from() string { return address(l.sender) }

func (l letter) messageID() string { return "<" + l.id + "." + l.sender + "@" + personal + ".test>" }

func (l letter) text() string {
	answers := ""
	if l.inReplyTo != "" {
		answers = "In-Reply-To: " + l.inReplyTo + "\r\n"
	}
	return "From: Grace " + personal + " <" + l.from() + ">\r\nTo: " + l.to + "\r\nSubject: " + l.subject + " " + personal +
		"\r\nMessage-ID: " + l.messageID() + "\r\n" + answers + l.more + "\r\nIt flickers, says " + personal + ". " + l.id + "\r\n"
}

// deliver sends a letter to a channel, which has to be accepted.
func (s *system) deliver(t *testing.T, channel contract.Channel, l letter) {
	t.Helper()
	if l.to == "" {
		l.to = hosted(t, channel)
	}
	if err := s.send(l.from(), l.to, l.text()); err != nil {
		t.Fatalf("%s was not accepted: %v", l.id, err)
	}
}

// send sends one mail on a connection of its own; from may be "", the null
// sender.
func (s *system) send(from, to, raw string) error {
	client, err := smtp.Dial(s.smtpAddress)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.SendMail(from, []string{to}, strings.NewReader(raw))
}

// bounceOf is a report that a mail could not be delivered (RFC 3464).
func bounceOf(messageID, to string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: Mail Delivery System <mailer-daemon@%[1]s.test>
To: %[2]s
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.%[4]s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.%[1]s.test

Final-Recipient: rfc822; grace@%[1]s.test
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: %[3]s

--b--
`, personal, to, messageID, strings.TrimPrefix(messageID, "<")), "\n", "\r\n")
}

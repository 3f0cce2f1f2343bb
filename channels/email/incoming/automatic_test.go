package incoming_test

import (
	"testing"

	"switchboard/channels/email/incoming"
)

func TestProgramsOwnUp(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]incoming.Automatic{
		"Subject: Hello":                                         "",
		"Auto-Submitted: no":                                     "",
		"Auto-Submitted: auto-replied":                           incoming.AutomaticReply,
		"Auto-Submitted: Auto-Generated (warning)":               incoming.AutomaticReply,
		"Auto-Submitted: auto-notified; owner-email=a@x.test":    incoming.AutomaticReply,
		"X-Auto-Response-Suppress: OOF, AutoReply":               incoming.AutomaticReply,
		"X-Auto-Response-Suppress: DR":                           incoming.AutomaticReply,
		"X-Auto-Response-Suppress: All":                          incoming.AutomaticReply,
		"X-Auto-Response-Suppress: RN, NRN":                      "",
		"X-Autoreply: yes":                                       incoming.AutomaticReply,
		"X-Autorespond: Away":                                    incoming.AutomaticReply,
		"Precedence: auto_reply":                                 incoming.AutomaticReply,
		"Precedence: bulk":                                       incoming.AutomaticList,
		"Precedence: junk":                                       incoming.AutomaticList,
		"Precedence: List":                                       incoming.AutomaticList,
		"Precedence: first-class":                                "",
		"Return-Path: <>":                                        incoming.AutomaticReply,
		"Return-Path: <a@x.test>":                                "",
		"List-Id: Lamps <lamps.example.com>":                     incoming.AutomaticList,
		"List-Unsubscribe: <mailto:off@example.com>":             incoming.AutomaticList,
		"Feedback-ID: 1:2:3:x":                                   incoming.AutomaticList,
		"List-Id: <x.example.com>\nAuto-Submitted: auto-replied": incoming.AutomaticReply,
		"List-Id: <x.example.com>\nReturn-Path: <>":              incoming.AutomaticReply,
		"Sender: MAILER-DAEMON@example.com":                      "",
	} {
		if got := readText(t, header+"\n\n.").Automatic; got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestAGroupThatSomebodyWroteToIsNoList(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]incoming.Automatic{
		"To: team@example.com\nList-Id: <team.example.com>":                                                                      "",
		"Cc: Team@example.com\nList-Post: <mailto:team@example.com>\nPrecedence: list\nList-Unsubscribe: <mailto:x@example.com>": "",
		"To: team@example.com\nList-Id: <team.example.com>\nPrecedence: bulk":                                                    incoming.AutomaticList,
		"To: team@example.com\nList-Id: <team.example.com>\nFeedback-ID: 1":                                                      incoming.AutomaticList,
		"To: team@example.com\nList-Id: <team.example.com>\nAuto-Submitted: auto-replied":                                        incoming.AutomaticReply,
		"To: ada@example.com\nList-Id: <team.example.com>":                                                                       incoming.AutomaticList,
	} {
		if got := readText(t, header+"\n\n.").Automatic; got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestRealMailIsToldFromPrograms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]incoming.Automatic{
		"gmail_reply.eml":        "",
		"outlook_reply_html.eml": "",
		"google_group.eml":       "",
		"newsletter.eml":         incoming.AutomaticList,
		"out_of_office.eml":      incoming.AutomaticReply,
		"read_receipt.eml":       incoming.AutomaticReply,
		"bounce_exim.eml":        incoming.AutomaticReply,
	} {
		if got := read(t, name).Automatic; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestANullEnvelopeSenderIsAProgram(t *testing.T) {
	t.Parallel()
	mail := read(t, "gmail_reply.eml")
	for from, want := range map[string]incoming.Automatic{
		"": incoming.AutomaticReply, "<>": incoming.AutomaticReply, "grace@example.org": "",
	} {
		if got := mail.WithEnvelope(from).Automatic; got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}

func TestBouncesNameTheMessageAndTheRecipient(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]string{
		"bounce_postfix.eml":  "5.1.1",
		"bounce_exchange.eml": "5.1.10",
		"bounce_exim.eml":     "5.1.1",
		"bounce_qmail.eml":    "5.1.1",
	} {
		want := incoming.Bounce{Action: "failed", Status: status, Recipient: "nobody@example.org", MessageID: "ours@example.com"}
		if got := read(t, name).Bounce; got == nil || *got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for _, name := range []string{"gmail_reply.eml", "out_of_office.eml", "read_receipt.eml"} {
		if got := read(t, name).Bounce; got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOnlyAMailServerCanSayInProseThatDeliveryFailed(t *testing.T) {
	t.Parallel()
	const header = "X-Failed-Recipients: a@x.test\n"
	if got := readText(t, header+"\nHello.").Bounce; got != nil {
		t.Errorf("anybody: %+v", got)
	}
	if got := readText(t, header+"Return-Path: <>\n\nHello.").Bounce; got == nil || got.Recipient != "a@x.test" {
		t.Errorf("null sender: %+v", got)
	}
}

func TestAReportThatSomebodyPassesOnIsNone(t *testing.T) {
	t.Parallel()
	got := readText(t, "Subject: Why?\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWhy does this happen?\n"+
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.test\n\nAction: failed\nFinal-Recipient: rfc822; a@x.test\n--b--\n")
	if got.Bounce != nil || got.Automatic != "" || got.Text != "Why does this happen?" || len(got.Files) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestGmailAsksToConfirmForwarding(t *testing.T) {
	t.Parallel()
	want := incoming.Confirmation{
		Provider: "gmail", Code: "123456789",
		URL: "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc_DEF-123%5D-xY9zQ",
	}
	if got := read(t, "gmail_confirmation.eml").Confirmation; got == nil || *got != want {
		t.Errorf("got %+v", got)
	}
	const body = "\n\nCode: 987654321\n\nhttps://mail.google.com/mail/vf-abc"
	from := func(address string) *incoming.Confirmation {
		mail, err := incoming.Read([]byte("From: " + address + body))
		if err != nil {
			t.Fatal(err)
		}
		return mail.Confirmation
	}
	if got := from("forwarding-noreply@google.com"); got == nil || got.Code != "987654321" {
		t.Errorf("without a code in the subject: %+v", got)
	}
	if got := from("forwarding-noreply@google.com.example"); got != nil {
		t.Errorf("somebody else: %+v", got)
	}
}

package mail

import (
	"bytes"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"
)

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	mail := Mail{
		From: "sales@company.test", FromName: `Jörg, "J"`, To: "ada@example.test", ReplyTo: "reply+1@company.test",
		Subject: "Grüße", Text: "Hallo Ada\n.\nEnde", HTML: "<p>Hallo Ada</p>",
		MessageID: "m2@company.test", InReplyTo: "<m1@example.test>", References: []string{"m0@example.test", "<m1@example.test>"},
		Attachments: []Attachment{{Name: "größe.txt", ContentType: "text/plain; charset=utf-8", Data: []byte("12")}},
	}
	got, envelope := deliver(t, mail)
	if got.from != "sales@company.test" || got.to != "ada@example.test" {
		t.Fatalf("envelope %q to %q", got.from, got.to)
	}
	for header, want := range map[string]string{
		"From":           `Jörg, "J" <sales@company.test>`,
		"To":             "<ada@example.test>",
		"Reply-To":       "<reply+1@company.test>",
		"Subject":        "Grüße",
		"Message-Id":     "<m2@company.test>",
		"In-Reply-To":    "<m1@example.test>",
		"References":     "<m0@example.test> <m1@example.test>",
		"Auto-Submitted": "",
		"User-Agent":     "",
		"X-Mailer":       "",
	} {
		if value := envelope.GetHeader(header); value != want {
			t.Errorf("%s is %q, not %q", header, value, want)
		}
	}
	if text := strings.ReplaceAll(envelope.Text, "\r\n", "\n"); strings.TrimSpace(text) != mail.Text {
		t.Errorf("text %q", envelope.Text)
	}
	if envelope.HTML != mail.HTML {
		t.Errorf("html %q", envelope.HTML)
	}
	if len(envelope.Attachments) != 1 || envelope.Attachments[0].FileName != "größe.txt" ||
		!bytes.Equal(envelope.Attachments[0].Content, []byte("12")) {
		t.Errorf("attachments %+v", envelope.Attachments)
	}
}

func TestAMailWithoutFromComesFromTheDefault(t *testing.T) {
	t.Parallel()
	got, envelope := deliver(t, greeting())
	if got.from != "support@company.test" || !strings.Contains(envelope.GetHeader("From"), "<support@company.test>") {
		t.Fatalf("from %q, %q", got.from, envelope.GetHeader("From"))
	}
}

func TestFailedDeliveriesAreReportedWhereTheMailSays(t *testing.T) {
	t.Parallel()
	mail := greeting()
	mail.Bounces = "reply+1@company.test"
	got, envelope := deliver(t, mail)
	if got.from != mail.Bounces || strings.Contains(string(got.raw), mail.Bounces) {
		t.Errorf("bounces go to %q", got.from)
	}
	if from := envelope.GetHeader("From"); !strings.Contains(from, "<support@company.test>") {
		t.Errorf("from %q", from)
	}
}

func TestAutomaticMailIsMarkedAndDoesNotBounce(t *testing.T) {
	t.Parallel()
	mail := greeting()
	mail.Automatic, mail.Bounces = true, "reply+1@company.test"
	got, envelope := deliver(t, mail)
	if got.from != "" {
		t.Errorf("bounces go to %q", got.from)
	}
	for header, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Precedence": "bulk",
	} {
		if value := envelope.GetHeader(header); value != want {
			t.Errorf("%s is %q", header, value)
		}
	}
	mail.InReplyTo = "m0@example.test"
	if _, envelope := deliver(t, mail); envelope.GetHeader("Auto-Submitted") != "auto-replied" {
		t.Errorf("an automatic answer is %q", envelope.GetHeader("Auto-Submitted"))
	}
}

func TestStrangersTextAddsNoHeader(t *testing.T) {
	t.Parallel()
	plain := greeting()
	plain.InReplyTo, plain.References = "m0@example.test", []string{"m0@example.test"}
	plain.Attachments = []Attachment{{Name: "a.txt", ContentType: "text/plain", Data: []byte("1")}}
	_, envelope := deliver(t, plain)
	want := keys(envelope.Root.Header)
	wantPart := keys(envelope.Attachments[0].Header)

	for _, newline := range []string{"\r\n", "\n", "\r", "\x00\r\n", "\u2028", "\u0085"} {
		injection := newline + "Bcc: eve@example.test" + newline + newline + "<b>body</b>"
		mail := plain
		mail.Subject += injection
		mail.FromName += injection
		mail.InReplyTo = "m0@example.test" + injection
		mail.References = []string{"m0@example.test", "m1@example.test" + injection}
		mail.Attachments = []Attachment{{Name: "a.txt" + injection, ContentType: "text/plain" + injection, Data: []byte("1")}}
		_, envelope := deliver(t, mail)
		got := append(keys(envelope.Root.Header), "In-Reply-To")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: headers %v, not %v", newline, got, want)
		}
		if got := keys(envelope.Attachments[0].Header); !slices.Equal(got, wantPart) {
			t.Errorf("%q: attachment's headers %v, not %v", newline, got, wantPart)
		}
		if strings.TrimSpace(envelope.Text) != plain.Text {
			t.Errorf("%q: text %q", newline, envelope.Text)
		}
	}
}

func TestALongThreadKeepsItsLinesShort(t *testing.T) {
	t.Parallel()
	mail := greeting()
	for range 200 {
		mail.References = append(mail.References, strings.Repeat("x", 100)+"@example.test")
	}
	got, envelope := deliver(t, mail)
	for line := range bytes.Lines(got.raw) {
		if len(line) > 1000 {
			t.Fatalf("a line of %d bytes", len(line))
		}
	}
	if found := strings.Fields(envelope.GetHeader("References")); len(found) != 200 {
		t.Fatalf("%d references", len(found))
	}
}

func keys(header textproto.MIMEHeader) (names []string) {
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func deliver(t *testing.T, mail Mail) (received, *enmime.Envelope) {
	t.Helper()
	server := &server{}
	server.start(t, TLSNone)
	if err := send(t, server, Settings{TLS: TLSNone}, mail); err != nil {
		t.Fatal(err)
	}
	return server.sole(t)
}

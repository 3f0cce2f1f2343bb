package mailbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"switchboard/cmd/dev/mailbox"
)

const greeting = "From: =?utf-8?q?J=C3=B6rg?= <joerg@company.test>\r\n" +
	"To: Ada <ada@example.test>\r\n" +
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
	"Message-ID: <1@company.test>\r\n" +
	"Auto-Submitted: auto-generated\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHallo Ada\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b onclick=\"x()\">Hallo</b>\r\n" +
	"--b--\r\n"

func TestSentMailIsListedAsItWasSent(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir())
	send(t, box, "ada@example.test", greeting)

	found := list(t, box, "")
	if len(found) != 1 {
		t.Fatalf("%d mails", len(found))
	}
	m := found[0]
	if m.From != "joerg@company.test" || m.To != "ada@example.test" || m.Subject != "Grüße" ||
		m.MessageID != "<1@company.test>" || m.Headers["Auto-Submitted"] != "auto-generated" ||
		m.Headers["From"] != "Jörg <joerg@company.test>" ||
		strings.TrimSpace(m.Text) != "Hallo Ada" || !strings.Contains(m.HTML, "<b onclick") {
		t.Fatalf("%+v", m)
	}
}

func TestTheListIsFilteredByRecipient(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir())
	send(t, box, "ada@example.test", greeting)
	send(t, box, "bob@example.test", greeting)
	found := list(t, box, "?to=BOB@example.test")
	if len(found) != 1 || found[0].To != "bob@example.test" {
		t.Fatalf("%+v", found)
	}
	if found := list(t, box, "?to=nobody@example.test"); found == nil || len(found) != 0 {
		t.Fatalf("not an empty list: %+v", found)
	}
}

func TestARestartedMailboxFindsItsMailAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := start(t, dir)
	send(t, box, "ada@example.test", greeting)
	box.Stop()
	halfWritten(t, filepath.Join(dir, "mail.jsonl"))

	box = start(t, dir)
	send(t, box, "bob@example.test", greeting)
	box.Stop()
	if found := list(t, start(t, dir), ""); len(found) != 2 {
		t.Fatalf("%d mails", len(found))
	}
}

func TestMailThatCannotBeParsedIsKeptAsText(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir())
	send(t, box, "ada@example.test", "Content-Type: multipart/mixed\r\n\r\nno boundary\r\n")
	found := list(t, box, "")
	if len(found) != 1 || !strings.Contains(found[0].Text, "no boundary") || found[0].From != "sender@company.test" {
		t.Fatalf("%+v", found)
	}
}

func TestThePageEscapesMail(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir())
	send(t, box, "ada@example.test", strings.Replace(greeting, "Hallo Ada", "<script>x</script>", 1))
	response, page := get(t, strings.TrimSuffix(box.URL(), "mail"))
	if !strings.Contains(page, "Grüße") || !strings.Contains(page, "&lt;script&gt;") {
		t.Fatal(page)
	}
	if strings.Contains(page, "<script>") || strings.Contains(page, "<b onclick") {
		t.Fatalf("mail is not escaped: %s", page)
	}
	if response.Header.Get("Content-Security-Policy") == "" {
		t.Fatal("the page may load what a mail asks for")
	}
}

func start(t *testing.T, dir string) *mailbox.Mailbox {
	t.Helper()
	box, err := mailbox.Start(t.Context(), mailbox.Options{SMTPAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Stop)
	return box
}

func send(t *testing.T, box *mailbox.Mailbox, to, message string) {
	t.Helper()
	if err := smtp.SendMail(box.SMTPAddress(), nil, "sender@company.test", []string{to}, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, box *mailbox.Mailbox, query string) (found []mailbox.Mail) {
	t.Helper()
	_, body := get(t, box.URL()+query)
	if err := json.Unmarshal([]byte(body), &found); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return found
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", response.Status, err)
	}
	return response, string(body)
}

func halfWritten(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(`{"from":"a@b`); err != nil {
		t.Fatal(err)
	}
}

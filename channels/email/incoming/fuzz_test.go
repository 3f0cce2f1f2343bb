package incoming_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"switchboard/channels"
	"switchboard/channels/email/incoming"
)

// FuzzRead feeds whatever a mail server may take. What is read must be
// storable and the same each time.
func FuzzRead(f *testing.F) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(mails) == 0 {
		f.Fatal("no seeds: ", err)
	}
	for _, path := range mails {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, raw := range []string{
		"From : a@x.test\nFrom: b@x.test\nFROM\t: c@x.test\n\n",
		"From: a@x.test\nContent-Type: multipart/mixed; boundary*0=b; boundary*1=c\n\n--bc\n\n--bc--",
		"From: a@x.test\nReferences: <<a>@x> (<b@x>) \x00<c\xff@x>\n\n\xff\x00",
		"From: =?utf-8?b?w6k=?= =?utf-8?b?w?= =?utf-8?q?=?=<a@x.test>\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644\nM",
		"From: =?utf-8?b?4oCuYWRh4oCL?= <a@x.test>\nContent-Disposition: attachment; filename*=utf-8''bill%E2%80%AEgpj.exe\n\nx",
		"From: a@x.test\nContent-Type: text/html\n\n<blockquote><pre>&#0;&#7;<img src='cid:%zz\"'><li></blockquote></blockquote>",
		"From: a@x.test\nContent-Type: message/rfc822; name*0*=utf-16''%ff; name*=x\n\nFrom: b@x.test\n\n> \n>> a:",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		mail, err := incoming.Read(raw)
		if err != nil {
			if !reflect.DeepEqual(mail, incoming.Mail{}) || strings.Contains(err.Error(), "panicked") {
				t.Fatalf("%v, with %+v", err, mail)
			}
			return
		}
		sound(t, mail)
		if !bytes.Equal(raw, before) {
			t.Fatal("reading changed the message")
		}
		if again, err := incoming.Read(raw); err != nil || !reflect.DeepEqual(mail, again) {
			t.Fatalf("read differently the second time: %v", err)
		}
	})
}

// sound checks what holds for every mail that can be read.
func sound(t *testing.T, m incoming.Mail) {
	t.Helper()
	texts := []string{m.Subject, m.Text, m.Quoted, m.HTML, m.From.Name, m.From.Email, m.ReplyTo.Name}
	for _, file := range m.Files {
		texts = append(texts, file.Name, file.ContentType, file.ContentID)
		if file.Name == "" || channels.CleanFileName(file.Name) != file.Name {
			t.Errorf("not a file name: %q", file.Name)
		}
	}
	for _, a := range slices.Concat(m.To, m.Cc) {
		texts = append(texts, a.Name, a.Email)
	}
	for _, a := range slices.Concat(m.To, m.Cc, []incoming.Address{m.From, m.ReplyTo}) {
		if channels.CleanName(a.Name) != a.Name {
			t.Errorf("a name that is shown as another: %q", a.Name)
		}
	}
	if m.Bounce != nil {
		texts = append(texts, m.Bounce.Action, m.Bounce.Status, m.Bounce.Recipient, m.Bounce.MessageID)
	}
	if m.Confirmation != nil {
		texts = append(texts, m.Confirmation.Code, m.Confirmation.URL)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("not storable: %q", s)
		}
	}
	if m.MessageID == "" {
		t.Error("no message id")
	}
	for _, id := range slices.Concat([]string{m.MessageID}, m.InReplyTo, m.References) {
		if !utf8.ValidString(id) || strings.ContainsAny(id, "<>") || strings.ContainsFunc(id, unicode.IsSpace) {
			t.Errorf("not a bare id: %q", id)
		}
	}
	if m.From.Email == "" && m.Bounce == nil {
		t.Error("nobody to answer")
	}
	for _, attached := range m.Attached {
		sound(t, attached)
	}
}

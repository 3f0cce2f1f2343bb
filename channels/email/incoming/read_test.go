package incoming_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/channels/email/incoming"
)

// read reads a mail of testdata.
func read(t testing.TB, name string) incoming.Mail {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	mail, err := incoming.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

// readText reads a mail given as text, from somebody.
func readText(t testing.TB, raw string) incoming.Mail {
	t.Helper()
	mail, err := incoming.Read([]byte("From: grace@example.org\n" + raw))
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

func TestReadsWhatAMailSays(t *testing.T) {
	t.Parallel()
	got := read(t, "gmail_reply.eml")
	want := incoming.Mail{
		MessageID:   "CAF=three+4@mail.example.org",
		InReplyTo:   []string{"two@example.com"},
		References:  []string{"one@example.com", "two@example.com"},
		From:        incoming.Address{Name: "Gräce Hopper", Email: "grace@example.org"},
		To:          []incoming.Address{{Name: "Support", Email: "support@example.com"}},
		DeliveredTo: []string{"support@example.com"},
		Subject:     "Re: Broken lamp",
		At:          time.Date(2026, 11, 23, 10, 0, 54, 0, time.UTC),
		Text:        "It still flickers – see below.\n\nGräce",
		Quoted: "On Mon, 23 Nov 2026 at 10:12, Ada Lovelace from the Support Team <\nsupport@example.com> wrote:\n\n" +
			"> Dear Gräce,\n>\n> please turn it off and on again.\n>\n>",
		HTML: got.HTML,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !strings.Contains(got.HTML, "<blockquote>Dear Gräce,<br><br>please") {
		t.Errorf("the HTML is not whole: %s", got.HTML)
	}
}

func TestTextIsMadeOfHTMLWhenThereIsNoOther(t *testing.T) {
	t.Parallel()
	got := read(t, "outlook_reply_html.eml")
	if got.Subject != "AW: Ihre Anfrage für die Küche" {
		t.Errorf("subject %q", got.Subject)
	}
	if want := "Guten Tag,\n\ndie Lampe für die Küche flackert, siehe Bild:\n\nGrüße\nGrace"; got.Text != want {
		t.Errorf("text   %q\nwanted %q", got.Text, want)
	}
	if want := "Von: Ada Lovelace <support@example.com>\nGesendet:"; !strings.HasPrefix(got.Quoted, want) {
		t.Errorf("quoted %q", got.Quoted)
	}
	for _, evil := range []string{"script", "alert", "onerror", "style"} {
		if strings.Contains(got.HTML, evil) {
			t.Errorf("%s is in the HTML: %s", evil, got.HTML)
		}
	}
}

func TestFilesHaveNamesTypesAndPictures(t *testing.T) {
	t.Parallel()
	got := read(t, "outlook_reply_html.eml")
	if len(got.Files) != 2 {
		t.Fatalf("%d files", len(got.Files))
	}
	picture, bill := got.Files[0], got.Files[1]
	if picture.Name != "image001.png" || picture.ContentType != "image/png" || len(picture.Data) != 70 ||
		!strings.Contains(got.HTML, `src="cid:`+picture.ContentID+`"`) {
		t.Errorf("the picture %q, %s, %q, in %s", picture.Name, picture.ContentType, picture.ContentID, got.HTML)
	}
	if bill.Name != "Rechnung für die Küche.pdf" || bill.ContentType != "application/pdf" || bill.ContentID != "" {
		t.Errorf("the attachment %+v", bill)
	}
}

func TestFileNamesAreNoPaths(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`filename="../../etc/passwd"`:                            "passwd",
		`filename="C:\\Users\\grace\\lamp.png"`:                  "lamp.png",
		`filename=".."`:                                          "text.txt",
		"filename=\"a\x07b.txt\"":                                "ab.txt",
		`filename*=UTF-8''exe.%E2%80%AEgnp.exe`:                  "exe.gnp.exe",
		`filename="=?iso-8859-1?Q?K=FCche.txt?="`:                "Küche.txt",
		`filename*0="a very "; filename*1*=UTF-8''l%C3%B6ng.txt`: "a very UTF-8''löng.txt",
		`filename*1*=%20two.txt; filename*0*=windows-1252''%80`:  "€ two.txt",
		`filename="` + strings.Repeat("ü", 300) + `.pdf"`:        strings.Repeat("ü", 98) + ".pdf",
		`filename=unquoted name.txt`:                             "unquoted name.txt",
		"filename=\"folded\n name.txt\"":                         "folded name.txt",
	} {
		got := readText(t, "Content-Disposition: attachment; "+given+"\nContent-Type: text/plain\n\nx")
		if len(got.Files) != 1 || got.Files[0].Name != want {
			t.Errorf("%s: %+v", given, got.Files)
		}
	}
}

func TestContentTypesAreNotBelievedBlindly(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n"
	for name, tc := range map[string]struct{ declared, data, want string }{
		"said and true":         {"image/png", png, "image/png"},
		"unsaid":                {"application/octet-stream", png, "image/png"},
		"nonsense":              {"nonsense", "%PDF-1.4", "application/pdf"},
		"HTML called a picture": {"image/png", "<html><script>alert(1)</script>", "text/html"},
		"HTML called a PDF":     {"application/pdf", "<!DOCTYPE html><p>", "text/html"},
		"text called a picture": {"image/jpeg", "just words", "text/plain"},
		"a program's own":       {"application/x-lamp", "just words", "application/x-lamp"},
	} {
		got := readText(t, "Content-Type: "+tc.declared+"\nContent-Disposition: attachment; filename=x\n\n"+tc.data)
		if len(got.Files) != 1 || got.Files[0].ContentType != tc.want {
			t.Errorf("%s: %+v", name, got.Files)
		}
	}
}

func TestInvitationsAndOutlooksOwnFormatAreFiles(t *testing.T) {
	t.Parallel()
	got := read(t, "calendar_tnef.eml")
	var names []string
	for _, file := range got.Files {
		names = append(names, file.Name)
	}
	if got.Text != "Repair on Tuesday." || !slices.Equal(names, []string{"invite.ics", "winmail.dat"}) {
		t.Errorf("text %q, files %q", got.Text, names)
	}
}

func TestAttachedMessagesAreReadAndKept(t *testing.T) {
	t.Parallel()
	got := read(t, "forward_attached.eml")
	if got.Text != "Please take this one." || len(got.Attached) != 1 || len(got.Files) != 1 || got.Files[0].Name != "Broken lamp.eml" {
		t.Fatalf("got %+v", got)
	}
	inner := got.Attached[0]
	if inner.MessageID != "inner@example.org" || inner.From.Email != "grace@example.org" || inner.Text != "It flickers." ||
		len(inner.Files) != 1 || inner.Files[0].Name != "Lampe über Nacht.png" || inner.Files[0].ContentType != "image/png" {
		t.Errorf("the attached message %+v", inner)
	}
}

func TestAnAttachedMessageThatCannotBeReadIsAFile(t *testing.T) {
	t.Parallel()
	got := readText(t, "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: nobody's\n\nHello.\n--b--\n")
	if len(got.Attached) != 0 || len(got.Files) != 1 || got.Files[0].Name != "message.eml" || len(got.Flaws) == 0 {
		t.Errorf("got %+v", got)
	}
}

func TestBrokenMailIsReadAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	got := read(t, "broken.eml")
	want := incoming.Mail{
		MessageID:  got.MessageID,
		References: []string{"one@example.com", "two@example.com"},
		From:       incoming.Address{Name: "Jörn Støylen", Email: "joern@example.org"},
		Cc:         []incoming.Address{{Name: "Ada", Email: "ada@example.com"}, {Email: "charles@example.com"}},
		Subject:    "Café closed",
		Text:       "Déjà vu",
		Flaws:      []string{"a header is malformed", "the date is missing or unreadable"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAMissingMessageIDIsMadeOfTheBytes(t *testing.T) {
	t.Parallel()
	one, same, other := readText(t, "\none"), readText(t, "\none"), readText(t, "\nother")
	if one.MessageID != same.MessageID || one.MessageID == other.MessageID || !strings.HasSuffix(one.MessageID, "@made-up.invalid") {
		t.Errorf("%q, %q, %q", one.MessageID, same.MessageID, other.MessageID)
	}
	if forged := readText(t, "Message-ID: <"+one.MessageID+">\n\nother"); forged.MessageID == one.MessageID {
		t.Error("a header passed for a made-up id")
	}
}

func TestTheSenderIsWhoeverCanBeAnswered(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"From: Ada <ada@example.com>, bob@example.com":         "Ada|ada@example.com",
		"From: ada@example.com bob@example.com":                "|ada@example.com",
		"From: Ada, Countess <ada@example.com>":                "Countess|ada@example.com",
		"From: \"Ada (PhD)\" <ADA@EXAMPLE.COM>":                "Ada (PhD)|ada@example.com",
		"From: =?x-unknown?Q?Ada?= <ada@example.com>":          "Ada|ada@example.com",
		"From: Pete(A \\) chap) <pete(his account)@s.test(x)>": "Pete|pete@s.test",
		"From: Group: ada@example.com, bob@example.com;":       "|ada@example.com",
		"From: undisclosed\nSender: ada@example.com":           "|ada@example.com",
		"Reply-To: ada@example.com":                            "|ada@example.com",
		"Return-Path: <ada@example.com>":                       "|ada@example.com",
		"From: not an address":                                 "",
		"Subject: nobody":                                      "",
		"From: <>":                                             "",
		"Return-Path: <>":                                      "",
	} {
		got, err := incoming.Read([]byte(header + "\n\nHello."))
		if want == "" {
			if !errors.Is(err, incoming.ErrNoSender) {
				t.Errorf("%s: %+v, %v", header, got.From, err)
			}
			continue
		}
		if found := got.From.Name + "|" + got.From.Email; err != nil || found != want {
			t.Errorf("%s: %s, %v", header, found, err)
		}
	}
}

func TestIDsAreBareUniqueAndBounded(t *testing.T) {
	t.Parallel()
	for references, want := range map[string][]string{
		"<a@x> <b@x>\n\t<a@x>":               {"a@x", "b@x"},
		"a@x, b@x":                           {"a@x", "b@x"},
		"<a@\n x><b@x>":                      {"a@x", "b@x"},
		"Your mail of Monday <a@x>":          {"a@x"},
		"(raid@home) a@x":                    {"a@x"},
		"<>":                                 nil,
		"just words":                         nil,
		"<" + strings.Repeat("x", 999) + ">": nil,
	} {
		if got := readText(t, "References: "+references+"\n\n.").References; !slices.Equal(got, want) {
			t.Errorf("%s: %q", references, got)
		}
	}
	var long strings.Builder
	for i := range 200 {
		fmt.Fprintf(&long, "\n <%d@x>", i)
	}
	got := readText(t, "References:"+long.String()+"\n\n.").References
	if len(got) != 51 || got[0] != "0@x" || got[1] != "150@x" || got[50] != "199@x" {
		t.Errorf("%d ids: %q", len(got), got)
	}
}

func TestEncodedWords(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"=?UTF-8?Q?Caf=C3=A9?=":                     "Café",
		"=?iso-8859-1?q?Caf=E9_?= =?UTF-8?B?w6k=?=": "Café é",
		"=?UTF-8?Q?Caf=C3?= =?utf-8?q?=A9?=":        "Café",
		"=?UTF-8?B?Q2Fm?= =?UTF-8?B?w6k=?= !":       "Café !",
		"=?UTF-8?B?Q2E=?=\n =?UTF-8?B?ZsOp?=":       "Café",
		"=?UTF-8?Q?Caf=C3=A9?=, =?UTF-8?Q?closed?=": "Café, closed",
		"=?x-lamp?Q?Caf=E9?=":                       "Café",
		"=?UTF-8?X?what?=":                          "=?UTF-8?X?what?=",
	} {
		if got := readText(t, "Subject: "+given+"\n\n.").Subject; got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}

func TestDatesInOddFormats(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for given, want := range map[string]time.Time{
		"Mon, 23 Nov 2026 13:00:00 +0100 (CET)":           noon,
		"23 Nov 26 12:00 GMT":                             noon,
		"Monday, 23 Nov 2026 12:00:00 +0000":              noon,
		"Mon Nov 23 12:00:00 2026":                        noon,
		"2026-11-23T13:00:00+01:00":                       noon,
		"Mon, 23 Nov 2026 12:00:00":                       noon,
		"Mon, 23 Nov 2026 14:00:00 GMT+0200":              noon,
		"23 Nov 2026 (a comment (nested)) 12:00:00 -0000": noon,
		"tomorrow": {},
		"":         {},
	} {
		if got := readText(t, "Date: "+given+"\n\n.").At; !got.Equal(want) {
			t.Errorf("%s: %v", given, got)
		}
	}
}

func TestCharacterSets(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ charset, bytes, want string }{
		"UTF-8":                            {"utf-8", "Caf\xc3\xa9", "Café"},
		"Latin 1":                          {"iso-8859-1", "Caf\xe9", "Café"},
		"Windows' own, said to be Latin 1": {"iso-8859-1", "\x80 5", "€ 5"},
		"Shift JIS under another name":     {"cp932", "\x82\xa0", "あ"},
		"Korean under another name":        {"ks_c_5601-1987", "\xbd\xba", "스"},
		"Japanese with escapes":            {"iso-2022-jp", "\x1b$B$9\x1b(B", "す"},
		"Cyrillic":                         {"koi8-r", "\xf0\xf2", "ПР"},
		"UTF-8 said to be ASCII":           {"us-ascii", "Caf\xc3\xa9", "Café"},
		"Latin 1 said to be UTF-8":         {"utf-8", "Caf\xe9", "Café"},
		"UTF-8, broken":                    {"utf-8", "\xc3\xa9\xc3\xa9\xc3", "éé\uFFFD"},
		"unknown":                          {"x-lamp", "Caf\xe9", "Café"},
		"unsaid":                           {"", "Caf\xe9", "Café"},
		"MS-DOS":                           {"cp850", "Caf\x82", "Café"},
	} {
		if got := readText(t, "Content-Type: text/plain; charset=\""+tc.charset+"\"\n\n"+tc.bytes).Text; got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ encoding, body, want string }{
		"quoted-printable":         {"Quoted-Printable", "a=3Db =\nc=C3=A9", "a=b cé"},
		"quoted-printable, broken": {"quoted-printable", "50% =off=2", "50% =off=2"},
		"base64":                   {"base64", "SGVs\nbG8=", "Hello"},
		"base64, dirty":            {"base64", "SG!Vs*bG8", "Hello"},
		"base64, cut":              {"base64", "SGVsbG8u=X", "Hello."},
		"base64, twice":            {"base64", "SGVs\nbG8=\nSGVsbG8=", "HelloHello"},
		"uuencode":                 {"x-uuencode", "begin 644 a.txt\n%2&5L;&\\\n`\nend\n", "Hello"},
		"unknown":                  {"rot13", "Hello", "Hello"},
		"with words behind":        {"7bit; really", "Hello", "Hello"},
	} {
		if got := readText(t, "Content-Transfer-Encoding: "+tc.encoding+"\n\n"+tc.body).Text; got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestMultipartsThatAreWrittenWrong(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"the end is missing":        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello",
		"the boundary is not given": "Content-Type: multipart/mixed\n\npreamble\n--b\n\nHello\n--b--\n",
		"a boundary within another": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b--x\n--b--\n",
		"no parts":                  "Content-Type: multipart/mixed; boundary=b\n\nHello",
		"no header, no empty line":  "Content-Type: multipart/mixed; boundary=b\n\n--b\nHello\n--b--\n",
		"two types":                 "Content-Type: multipart/mixed; boundary=b\nContent-Type: text/plain\n\n--b\n\nHello\n--b--\n",
		"an empty alternative":      "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>Hello\n--b--\n",
	} {
		if got := strings.TrimSuffix(readText(t, raw).Text, "\n--b--x"); got != "Hello" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestMailBeyondReasonIsRefused(t *testing.T) {
	t.Parallel()
	var deep, attached strings.Builder
	for i := range 100 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		attached.WriteString("From: a@x.test\nContent-Type: message/rfc822\n\n")
	}
	for name, raw := range map[string]string{
		"deep":   deep.String(),
		"parts":  "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n\n", 2000),
		"header": "Subject: " + strings.Repeat("x", 300<<10) + "\n\n",
	} {
		if mail, err := incoming.Read([]byte("From: a@x.test\n" + raw)); !errors.Is(err, incoming.ErrTooComplex) || !reflect.DeepEqual(mail, incoming.Mail{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mail, err := incoming.Read([]byte(attached.String()))
	depth := 0
	for m := mail; len(m.Attached) > 0; m = m.Attached[0] {
		depth++
	}
	if err != nil || depth != 5 || len(mail.Files) != 1 {
		t.Errorf("messages within messages: %d, %v", depth, err)
	}
}

func TestLongTextsAreCutAndKeptWhole(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("All work and no play.\n", 100_000)
	got := readText(t, "\n"+body)
	if len(got.Text) > 1<<20 || len(got.Flaws) == 0 || len(got.Files) != 1 || string(got.Files[0].Data) != body {
		t.Errorf("%d bytes of text, %d files, %q", len(got.Text), len(got.Files), got.Flaws)
	}
}

func BenchmarkRead(b *testing.B) {
	raw, err := os.ReadFile("testdata/outlook_reply_html.eml")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := incoming.Read(raw); err != nil {
			b.Fatal(err)
		}
	}
}

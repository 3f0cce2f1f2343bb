package form_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"switchboard/channels/form"
	"switchboard/inbox"
)

func answers(changes map[string][]string) map[string][]string {
	values := map[string][]string{
		"name": {"Ada"}, "email": {"Ada@Example.com"}, "urgency": {"high"}, "terms": {"yes"},
	}
	maps.Copy(values, changes)
	return values
}

func TestParseNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	settings := checked(t, supportForm)
	cases := map[string]struct {
		name   string
		values []string
	}{
		"a required field is missing":   {"name", nil},
		"a required field is blank":     {"name", []string{" \t\n"}},
		"a required box is not ticked":  {"terms", []string{"no"}},
		"no address":                    {"email", []string{"ada"}},
		"an address with a name":        {"email", []string{"Ada <ada@example.com>"}},
		"two addresses":                 {"email", []string{"ada@example.com, eve@example.com"}},
		"a header in the address":       {"email", []string{"ada@example.com\r\nBcc: eve@example.com"}},
		"two answers to one question":   {"name", []string{"Ada", "Eve"}},
		"a number in words":             {"seats", []string{"twelve"}},
		"an endless number":             {"seats", []string{"Inf"}},
		"a date of another order":       {"since", []string{"23.11.2026"}},
		"a day that does not exist":     {"since", []string{"2026-02-30"}},
		"a telephone number in letters": {"phone", []string{"call me"}},
		"an option that is not there":   {"product", []string{"desk"}},
		"one wrong option among right":  {"areas", []string{"billing", "desk"}},
		"a text that is too long":       {"name", []string{strings.Repeat("ä", 1001)}},
		"details that are too long":     {"details", []string{strings.Repeat("ä", 20001)}},
		"a question nobody asked":       {"colour", []string{"red"}},
		"a text instead of a file":      {"log", []string{"C:\\log.txt"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := form.Parse(settings, form.Answers{Values: answers(map[string][]string{tc.name: tc.values})})
			wantProblem(t, err, "fields."+tc.name)
		})
	}
}

func TestParseReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := form.Parse(checked(t, supportForm), form.Answers{})
	var problems form.Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Errorf("got %v, want the four required fields", err)
	}
}

func TestASubmissionIsItsVisibleAnswersAndKeepsTheHiddenOnes(t *testing.T) {
	t.Parallel()
	got, err := form.Parse(checked(t, supportForm), form.Answers{
		Values: answers(map[string][]string{
			"product": {"api"}, "areas": {"login", "billing", "login"}, "ticket": {" Cannot\r\nlog in "},
			"details": {"First\r\nthen\x00"}, "campaign": {"spring"}, "phone": {""},
		}),
		VisitorToken: "token", PageURL: "https://www.example.com/help?q=1",
	})
	if err != nil {
		t.Fatal(err)
	}
	const text = `Your name: Ada
E-mail: Ada@Example.com
Product: The API
Urgency: Urgent
Areas: Login, Billing
What is it about: Cannot log in
Details:
First
then
I agree to the terms: Yes`
	if got.Text != text {
		t.Errorf("text is\n%s\nwant\n%s", got.Text, text)
	}
	if got.Subject != "Cannot log in" || got.ReplyTo != "Ada@Example.com" {
		t.Errorf("subject %q, reply to %q", got.Subject, got.ReplyTo)
	}
	wantSender := inbox.Sender{Name: "Ada", Identities: []inbox.Identity{
		inbox.CookieIdentity("token"), {Kind: inbox.IdentityEmail, Value: "ada@example.com"},
	}}
	if !reflect.DeepEqual(got.Sender, wantSender) {
		t.Errorf("sender %+v, want %+v", got.Sender, wantSender)
	}
	fields := map[string]inbox.SubmittedField{}
	for _, field := range got.Fields {
		fields[field.Name] = field
	}
	for _, want := range []inbox.SubmittedField{
		{Name: "campaign", Label: "Campaign", Values: []string{"spring"}, Hidden: true},
		{Name: "page_url", Label: "Page", Values: []string{"https://www.example.com/help?q=1"}, Hidden: true},
		{Name: "areas", Label: "Areas", Values: []string{"login", "billing"}},
		{Name: "ticket", Label: "What is it about", Values: []string{"Cannot log in"}, MapsTo: inbox.MapsToTicketName},
		{Name: "details", Label: "Details", Values: []string{"First\nthen"}, MapsTo: inbox.MapsToTicketDescription},
	} {
		if !reflect.DeepEqual(fields[want.Name], want) {
			t.Errorf("field %+v, want %+v", fields[want.Name], want)
		}
	}
	if _, there := fields["phone"]; there {
		t.Error("an empty answer was kept")
	}
}

func TestHiddenFieldsHaveTheirDefaultAndVisibleOnesDoNot(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"title":"Hello","fields":[
		{"name":"source","type":"hidden","default":"site"},{"name":"topic","type":"text","default":"Sales"}]}`)
	got, err := form.Parse(settings, form.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Fields) != 1 || got.Fields[0].Name != "source" || got.Fields[0].Values[0] != "site" {
		t.Errorf("got %+v", got.Fields)
	}
	if got.Subject != "Hello" {
		t.Errorf("subject %q, want the form's title", got.Subject)
	}
}

func TestFilesAreTypedByContentAndNamedWithoutTheirPath(t *testing.T) {
	t.Parallel()
	got, err := form.Parse(checked(t, supportForm), form.Answers{
		Values: answers(nil),
		Files: []form.File{
			{Field: "log", Name: `C:\Users\ada\shot.txt`, ContentType: "text/plain", Data: []byte("\x89PNG\r\n\x1a\n")},
			{Field: "log", Name: "../../etc/passwd", Data: []byte("root")},
			{Field: "log", Name: "..", Data: []byte("<html>")},
			{Field: "log", Name: "shot\u202Egnp.exe", Data: []byte("<svg onload=x()>")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"shot.txt image/png", "passwd text/plain", "file text/html", "shotgnp.exe text/plain"} {
		if file := got.Files[i]; file.Name+" "+file.ContentType != want {
			t.Errorf("got %s %s, want %s", file.Name, file.ContentType, want)
		}
	}
	if !strings.Contains(got.Text, "Log files: shot.txt, passwd, file, shotgnp.exe") {
		t.Errorf("the text does not name the files: %s", got.Text)
	}
}

func TestFilesForOtherFieldsAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"name", "picture"} {
		_, err := form.Parse(checked(t, supportForm), form.Answers{
			Values: answers(nil), Files: []form.File{{Field: name, Name: "a.txt"}},
		})
		wantProblem(t, err, "fields."+name)
	}
}

func TestWhatAccompaniesASubmissionIsChecked(t *testing.T) {
	t.Parallel()
	for field, in := range map[string]form.Answers{
		"page_url":      {PageURL: "javascript:alert(1)"},
		"visitor_token": {VisitorToken: strings.Repeat("x", 201)},
	} {
		in.Values = answers(nil)
		_, err := form.Parse(checked(t, supportForm), in)
		wantProblem(t, err, field)
	}
}

func TestFromJSONReadsTextsNumbersTruthsAndLists(t *testing.T) {
	t.Parallel()
	got, err := form.FromJSON(map[string]json.RawMessage{
		"a": json.RawMessage(`"x"`), "b": json.RawMessage(`12.50`), "c": json.RawMessage(`true`),
		"d": json.RawMessage(`["x", 2]`), "e": json.RawMessage(`null`),
	})
	want := map[string][]string{"a": {"x"}, "b": {"12.50"}, "c": {"true"}, "d": {"x", "2"}, "e": {}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{`{"x":1}`, `[["x"]]`, `[{}]`} {
		_, err := form.FromJSON(map[string]json.RawMessage{"a": json.RawMessage(bad)})
		wantProblem(t, err, "fields.a")
	}
}

func TestFromPostSeparatesWhatAccompaniesTheAnswers(t *testing.T) {
	t.Parallel()
	got, id := form.FromPost(url.Values{
		"name": {"Ada"}, "visitor_token": {"t"}, "page_url": {"https://example.com"}, "submission_id": {"s"},
	})
	want := form.Answers{Values: map[string][]string{"name": {"Ada"}}, VisitorToken: "t", PageURL: "https://example.com"}
	if id != "s" || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and %q", got, id)
	}
}

func TestOnlyAFilledHoneypotGivesARobotAway(t *testing.T) {
	t.Parallel()
	settings := checked(t, ``)
	values := map[string][]string{"name": {"Ada"}, settings.Honeypot: {""}}
	if settings.TakeHoneypot(values) {
		t.Error("an empty honeypot caught somebody")
	}
	if _, there := values[settings.Honeypot]; there {
		t.Error("the honeypot stayed among the answers")
	}
	if !settings.TakeHoneypot(map[string][]string{settings.Honeypot: {"buy"}}) {
		t.Error("a filled honeypot caught nobody")
	}
}

func wantProblem(t *testing.T, err error, field string) {
	t.Helper()
	e, ok := errors.AsType[*inbox.Error](err)
	if !ok || e.Code != inbox.CodeInvalid || e.Field != field {
		t.Errorf("got %v, want invalid %s", err, field)
	}
}

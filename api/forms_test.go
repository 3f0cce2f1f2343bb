package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/store"
)

// contactForm asks for an address and more.
const contactForm = `{"title":"Contact us","allowed_origins":["https://www.example.com"],"fields":[
	{"name":"email","label":"E-mail","type":"email","required":true},
	{"name":"subject","label":"Subject","type":"text","maps_to":"subject"},
	{"name":"message","label":"Message","type":"textarea","required":true},
	{"name":"photo","label":"Photo","type":"file"},
	{"name":"campaign","type":"hidden"}]}`

func (w *world) form(t *testing.T) inbox.Channel {
	t.Helper()
	return must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindForm, Name: "Contact", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		Settings: must(new(form.Channel).CheckSettings(json.RawMessage(contactForm)))(t),
	}))(t)
}

func submissions(channel inbox.Channel) string { return "/forms/" + channel.ID + "/submissions" }

// post sends what a browser's form sends.
func (w *world) post(t *testing.T, path, accept, contentType, body string) response {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader(body)))(t)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Accept", accept)
	return do(t, request, false)
}

const (
	urlencoded = "application/x-www-form-urlencoded"
	browser    = "text/html,application/xhtml+xml,*/*;q=0.8"
)

func TestASubmissionBecomesAConversationOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	var conversations []string
	for _, id := range []string{"", "mine-1", ""} {
		body := object{
			"fields":        object{"email": "ada@example.com", "subject": "Pumps", "message": "They rattle.", "campaign": "spring"},
			"visitor_token": "token", "page_url": "https://www.example.com/contact",
		}
		if id != "" {
			body["submission_id"] = id
		}
		got := w.call(t, person{}, "POST", submissions(channel), body).want(202)
		if id != "" && got.text("submission_id") != id {
			t.Errorf("the submission is %s", got.text("submission_id"))
		}
		conversations = append(conversations, got.text("conversation_id"))
	}
	if conversations[0] == conversations[1] || conversations[1] == conversations[2] {
		t.Error("two submissions are one conversation")
	}
	c := must(w.store.Conversation(t.Context(), conversations[0]))(t)
	if c.Subject != "Pumps" || c.ReplyTo != "ada@example.com" {
		t.Errorf("conversation %+v", c)
	}
	messages, _, err := w.store.Messages(t.Context(), c.ID, store.Page{})
	check(t, err)
	if text := messages[0].Text; text != "E-mail: ada@example.com\nSubject: Pumps\nMessage:\nThey rattle." {
		t.Errorf("text %q", text)
	}
	hidden := 0
	for _, field := range messages[0].Fields {
		if field.Hidden {
			hidden++
		}
	}
	if hidden != 2 {
		t.Errorf("%d hidden fields were kept, want the campaign and the page", hidden)
	}
	must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}))(t)
	contact := must(w.store.ContactByIdentity(t.Context(), inbox.CookieIdentity("token")))(t)
	if contact.Identity(inbox.IdentityEmail) != "ada@example.com" {
		t.Errorf("the cookie's contact is %+v", contact)
	}
}

func TestASubmissionThatIsSentOftenIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			got := w.call(t, person{}, "POST", submissions(channel), object{
				"fields": object{"email": "ada@example.com", "message": "Hello"}, "submission_id": "same",
			})
			mu.Lock()
			defer mu.Unlock()
			seen[fmt.Sprint(got.status, got.text("conversation_id"))] = true
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("answers %v", seen)
	}
}

func TestAWrongSubmissionNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := submissions(w.form(t))
	good := object{"email": "ada@example.com", "message": "Hello"}
	for name, tc := range map[string]struct {
		body  any
		field string
	}{
		"no address":          {object{"fields": object{"message": "Hello"}}, "fields.email"},
		"a wrong address":     {object{"fields": object{"email": "ada", "message": "Hello"}}, "fields.email"},
		"an unknown field":    {object{"fields": object{"email": "ada@example.com", "message": "x", "colour": "red"}}, "fields.colour"},
		"a nested answer":     {object{"fields": object{"email": object{"a": 1}, "message": "x"}}, "fields.email"},
		"a file as text":      {object{"fields": object{"email": "ada@example.com", "message": "x", "photo": "x"}}, "fields.photo"},
		"a script as page":    {object{"fields": good, "page_url": "javascript:x"}, "page_url"},
		"an id with spaces":   {object{"fields": good, "submission_id": "a b"}, "submission_id"},
		"an unknown property": {object{"fields": good, "colour": "red"}, "colour"},
		"no fields":           {object{}, "fields"},
		"not JSON":            {"{", "body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.callBadly(t, person{}, "POST", path, tc.body).wantProblem(422, "invalid", tc.field)
		})
	}
	w.post(t, path, "*/*", "text/plain", "hello").wantProblem(415, "unsupported_media_type", "")
	w.post(t, path, "*/*", urlencoded, "email=%zz").wantProblem(422, "invalid", "body")
}

func TestABrowserGetsPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	page := w.call(t, person{}, "GET", "/forms/"+channel.ID, nil).want(200)
	for _, want := range []string{`action="` + submissions(channel) + `"`, `name="submission_id"`, "Contact us"} {
		if !strings.Contains(string(page.body), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %q", policy)
	}
	again := w.post(t, submissions(channel), browser, urlencoded, "email=ada&message=I+wrote+a+lot&submission_id=s1").want(422)
	for _, want := range []string{"I wrote a lot", "Enter an e-mail address", `name="submission_id" value="s1"`} {
		if !strings.Contains(string(again.body), want) {
			t.Errorf("the refused post's page lacks %s", want)
		}
	}
	thanks := w.post(t, submissions(channel), browser, urlencoded, "email=ada@example.com&message=Hello&submission_id=s1&extra_note=").want(202)
	if !strings.Contains(string(thanks.body), "Thank you") {
		t.Errorf("thanks: %s", thanks.body)
	}
	must(w.store.ConversationByThread(t.Context(), channel.ID, "s1"))(t)

	back := w.call(t, person{}, "GET", submissions(channel), nil).want(303)
	if to := back.header.Get("Location"); to != "/forms/"+channel.ID {
		t.Errorf("who comes back is led to %q", to)
	}
}

// formIn is a form whose own words are in a language.
func (w *world) formIn(t *testing.T, settings string) inbox.Channel {
	t.Helper()
	channel := w.form(t)
	channel.Settings = must(new(form.Channel).CheckSettings(json.RawMessage(settings)))(t)
	return must(w.store.UpdateChannel(t.Context(), channel))(t)
}

// browse is what a browser that likes a language gets.
func (w *world) browse(t *testing.T, method, path, language, body string) response {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body)))(t)
	request.Header.Set("Accept", browser)
	request.Header.Set("Accept-Language", language)
	if body != "" {
		request.Header.Set("Content-Type", urlencoded)
	}
	return do(t, request, false)
}

func TestAFormsPagesAreInItsLanguageOrTheBrowsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	german := w.formIn(t, `{"language":"de"}`)
	follows := w.formIn(t, `{"language":"de","browser_language":true}`)
	for _, c := range []struct {
		name, browsers string
		form           inbox.Channel
		page           []string
		wrong          []string
		thanks         string
	}{
		{"German", "ar", german, []string{`<html lang="de" dir="ltr">`, "(Pflichtfeld)", "Ihr Name"}, []string{"Noch nicht gesendet", "Geben Sie eine E-Mail-Adresse"}, "Vielen Dank."},
		{"the browser's", "nl, ar-EG;q=0.8", follows, []string{`<html lang="ar" dir="rtl">`, "(مطلوب)", "اسمك"}, []string{"لم يُرسل النموذج بعد", "أدخل عنوان بريد إلكتروني"}, "شكرًا لك."},
		{"the form's where the browser's has no words", "nl", follows, []string{`<html lang="de"`, "Ihr Name"}, []string{"Noch nicht gesendet"}, "Vielen Dank."},
	} {
		path := submissions(c.form)
		shown := w.browse(t, "GET", "/forms/"+c.form.ID, c.browsers, "").want(200)
		wrong := w.browse(t, "POST", path, c.browsers, "email=ada&message=x").want(422)
		thanks := w.browse(t, "POST", path, c.browsers, "email=ada@example.com&message=x").want(202)
		for page, parts := range map[*response][]string{&shown: c.page, &wrong: c.wrong, &thanks: {c.thanks}} {
			for _, part := range parts {
				if !strings.Contains(string(page.body), part) {
					t.Errorf("%s: the page lacks %s: %s", c.name, part, page.body)
				}
			}
			if varies := strings.Contains(strings.Join(page.header.Values("Vary"), ", "), "Accept-Language"); varies != (c.form.ID == follows.ID) {
				t.Errorf("%s: varies by language: %t", c.name, varies)
			}
		}
	}
	// Programs get English and the same codes.
	got := w.post(t, submissions(german), "application/json", urlencoded, "email=ada&message=x")
	got.wantProblem(422, "invalid", "fields.email")
	if detail := got.text("detail"); detail != "Enter an e-mail address such as name@example.com." {
		t.Errorf("a program is told %q", detail)
	}
}

func TestWhatIsRefusedIsAPageInTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follows := w.formIn(t, `{"browser_language":true}`)
	off := w.formIn(t, `{"language":"fr"}`)
	off.Enabled = false
	off = must(w.store.UpdateChannel(t.Context(), off))(t)
	for want, got := range map[string]response{
		"n’est pas disponible":   w.browse(t, "GET", "/forms/"+off.ID, "de", "").want(409),
		"هذا النموذج غير موجود.": w.browse(t, "GET", "/forms/unknown", "ar", "").want(404),
		"There is no such form.": w.browse(t, "GET", "/forms/unknown", "", "").want(404),
		"nicht vollständig":      w.browse(t, "POST", submissions(follows), "de", "email=%zz").want(422),
		"Lo que ha enviado":      w.browse(t, "POST", submissions(follows), "es", "message="+strings.Repeat("x", 1<<20)).want(413),
		"<html lang=\"pt\" dir=": w.browse(t, "POST", submissions(follows), "pt-BR", "email=ada").want(422),
	} {
		if !strings.Contains(string(got.body), want) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("want %s, got %s", want, got.body)
		}
	}
	broken := newWorld(t, func(o *api.Options) { o.Intake = brokenIntake{} })
	page := broken.browse(t, "POST", submissions(broken.formIn(t, `{"language":"de"}`)), "", "email=ada@example.com&message=x").want(500)
	if !strings.Contains(string(page.body), "schiefgegangen") || strings.Contains(string(page.body), "disk full") {
		t.Errorf("page %s", page.body)
	}
}

func TestARobotIsThankedAndKeptNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	got := w.call(t, person{}, "POST", submissions(channel), object{"fields": object{
		"email": "robot@example.com", "message": "Buy pills", "extra_note": "http://pills.example",
	}}).want(202)
	if _, err := w.store.Conversation(t.Context(), got.text("conversation_id")); inbox.CodeOf(err) != inbox.CodeNotFound {
		t.Errorf("the conversation was kept: %v", err)
	}
	if log := w.log.String(); !strings.Contains(log, "robot") || strings.Contains(log, "pills") || strings.Contains(log, "robot@") {
		t.Errorf("log %s", log)
	}
}

func TestFilesComeByMultipart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	contentType, body := multipartBody(t, map[string]string{"email": "ada@example.com", "message": "Look"},
		map[string][]byte{"photo": []byte("\x89PNG\r\n\x1a\nrest")})
	id := w.post(t, submissions(channel), "application/json", contentType, body).want(202).text("conversation_id")
	messages, _, err := w.store.Messages(t.Context(), id, store.Page{})
	check(t, err)
	files := messages[0].Attachments
	if len(files) != 1 || files[0].ContentType != "image/png" || files[0].Name != "photo.txt" {
		t.Errorf("files %+v", files)
	}

	// A browser sends an empty part for a file that was not chosen.
	contentType, body = multipartBody(t, map[string]string{"email": "ada@example.com", "message": "No photo"}, map[string][]byte{"": nil})
	w.post(t, submissions(channel), "application/json", contentType, body).want(202)
}

func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := submissions(w.form(t))
	texts := map[string]string{"email": "ada@example.com", "message": "Look"}
	for name, size := range map[string]int{"a large file": 5<<20 + 1, "a large body": 10<<20 + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contentType, body := multipartBody(t, texts, map[string][]byte{"photo": make([]byte, size)})
			w.post(t, path, "*/*", contentType, body).wantProblem(413, "too_large", "")
		})
	}
	t.Run("a large text", func(t *testing.T) {
		t.Parallel()
		w.callBadly(t, person{}, "POST", path, `{"fields":{"message":"`+strings.Repeat("x", 1<<20)+`"}}`).
			wantProblem(413, "too_large", "")
	})
	t.Run("cut off", func(t *testing.T) {
		t.Parallel()
		contentType, body := multipartBody(t, texts, nil)
		w.post(t, path, "*/*", contentType, body[:len(body)-20]).wantProblem(422, "invalid", "body")
	})
}

func TestASwitchedOffFormTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	channel.Enabled = false
	channel = must(w.store.UpdateChannel(t.Context(), channel))(t)
	body := object{"fields": object{"email": "ada@example.com", "message": "Hello"}}
	w.call(t, person{}, "POST", submissions(channel), body).wantProblem(409, "channel_disabled", "")
	page := w.post(t, submissions(channel), browser, urlencoded, "email=ada@example.com")
	if page.want(409); !strings.Contains(string(page.body), "switched off") {
		t.Errorf("page %s", page.body)
	}
	check(t, w.store.DeleteChannel(t.Context(), channel.ID))
	w.call(t, person{}, "POST", submissions(channel), body).wantProblem(404, "not_found", "")
	w.call(t, person{}, "POST", submissions(w.channel), body).wantProblem(404, "not_found", "")
	w.call(t, person{}, "GET", "/forms/unknown", nil).wantProblem(404, "not_found", "")
}

func TestWhatIsNotDurableIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.Intake = brokenIntake{} })
	w.call(t, person{}, "POST", submissions(w.form(t)), object{
		"fields": object{"email": "ada@example.com", "message": "Hello"},
	}).wantProblem(500, "internal", "")
}

type brokenIntake struct{}

func (brokenIntake) Transcript(context.Context, inbox.Transcript) (time.Time, error) {
	return time.Time{}, errors.New("the database is away")
}

func (brokenIntake) Receive(context.Context, store.Inbound) (store.Receipt, error) {
	return store.Receipt{}, errors.New("disk full")
}

func TestOnlyAllowedWebsitesUseAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := submissions(w.form(t))
	for origin, allowed := range map[string]bool{
		"https://www.example.com": true,
		"https://evil.example":    false,
		"null":                    false,
		w.url:                     true,
	} {
		for _, method := range []string{"OPTIONS", "POST"} {
			request := must(http.NewRequestWithContext(t.Context(), method, w.url+path,
				strings.NewReader(`{"fields":{"email":"ada@example.com","message":"Hello"}}`)))(t)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Origin", origin)
			got := do(t, request, false)
			if !allowed {
				got.wantProblem(403, "origin_not_allowed", "")
			} else if got.status >= 300 {
				t.Errorf("%s from %s: %d", method, origin, got.status)
			}
			if cors := got.header.Get("Access-Control-Allow-Origin"); (cors == origin) != allowed {
				t.Errorf("%s from %s: the answer may be read by %q", method, origin, cors)
			}
			if method == "OPTIONS" && allowed && !strings.Contains(got.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
				t.Errorf("preflight %v", got.header)
			}
		}
	}
}

func TestAnAddressThatAsksTooOftenWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill, func(o *api.Options) { o.PublicRate, o.PublicBurst = 0.01, 2 })
	path := "/forms/" + w.form(t).ID
	for range 2 {
		w.call(t, person{}, "GET", path, nil).want(200)
	}
	got := w.call(t, person{}, "GET", path, nil)
	got.wantProblem(429, "rate_limited", "")
	if wait := got.header.Get("Retry-After"); wait == "" || wait == "0" {
		t.Errorf("Retry-After %q", wait)
	}
	// The address is the connection's: nobody trusts what the client says.
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil))(t)
	request.Header.Set("X-Forwarded-For", "192.0.2.7")
	do(t, request, true).want(429)
	w.call(t, w.agent, "GET", "/api/v1/me", nil).want(200)
}

func TestATrustedProxySaysWhoseRequestItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill, func(o *api.Options) {
		o.PublicRate, o.PublicBurst = 0.01, 1
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	path := "/forms/" + w.form(t).ID
	for _, tc := range []struct {
		address string
		status  int
	}{{"192.0.2.1", 200}, {"192.0.2.2", 200}, {"192.0.2.1", 429}, {"192.0.2.9, 192.0.2.2", 429}} {
		request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil))(t)
		request.Header.Set("X-Forwarded-For", tc.address)
		do(t, request, true).want(tc.status)
	}
	// A proxy that appends to no header of the client's sends one of its own.
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil))(t)
	request.Header["X-Forwarded-For"] = []string{"192.0.2.77", "192.0.2.2"}
	do(t, request, true).want(429)
	// What the proxy does not set is the client's.
	for _, address := range []string{"192.0.2.78", "192.0.2.79"} {
		request = must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil))(t)
		request.Header.Set("X-Real-Ip", address)
		do(t, request, true).want(map[string]int{"192.0.2.78": 200, "192.0.2.79": 429}[address])
	}
}

func multipartBody(t *testing.T, texts map[string]string, files map[string][]byte) (contentType, body string) {
	t.Helper()
	var out bytes.Buffer
	writer := multipart.NewWriter(&out)
	for name, text := range texts {
		check(t, writer.WriteField(name, text))
	}
	for field, data := range files {
		name := field + ".txt"
		if field == "" {
			field, name = "photo", ""
		}
		part := must(writer.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, field, name)},
			"Content-Type":        {"text/plain"},
		}))(t)
		must(part.Write(data))(t)
	}
	check(t, writer.Close())
	return writer.FormDataContentType(), out.String()
}

func TestAFormWithoutATitleIsCalledLikeItsChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.form(t)
	channel.Settings = must(new(form.Channel).CheckSettings(json.RawMessage(`{}`)))(t)
	channel = must(w.store.UpdateChannel(t.Context(), channel))(t)
	page := must(http.Get(w.url + "/forms/" + channel.ID))(t)
	defer func() { _ = page.Body.Close() }()
	var text bytes.Buffer
	if _, err := text.ReadFrom(page.Body); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "<h1><bdi>Contact</bdi></h1>") {
		t.Errorf("the page has no heading: %s", text.String()[:min(text.Len(), 2000)])
	}
}

package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/messenger"
	"switchboard/secrets"
	"switchboard/store"
)

// sealing offers Messenger, and previews with the keys.
func sealing(keys *secrets.Keyset) func(*api.Options) {
	return func(o *api.Options) {
		o.Kinds = append(o.Kinds, &messenger.Channel{})
		o.Mailboxes.Keys = keys
	}
}

// preview asks for a preview and returns what stands behind its link's "#".
func (w *world) preview(t *testing.T, channelID string, body any) url.Values {
	t.Helper()
	got := w.call(t, w.admin, "POST", "/api/v1/channels/"+channelID+"/preview", body).want(http.StatusOK)
	page, about, found := strings.Cut(got.text("url"), "#")
	if !found || page != "https://desk.example.com/previews" {
		t.Fatalf("the link is %s", got.text("url"))
	}
	return must(url.ParseQuery(about))(t)
}

// frame posts a draft as the page does.
func (w *world) frame(t *testing.T, about url.Values, scene ...string) response {
	t.Helper()
	form := url.Values{"draft": about["draft"]}
	for i := 0; i < len(scene); i += 2 {
		form.Set(scene[i], scene[i+1])
	}
	request := must(http.NewRequestWithContext(t.Context(), "POST", w.url+"/previews/frames", strings.NewReader(form.Encode())))(t)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, request, true)
}

// shown is what a chat's frame hands to the widget.
func shown(t *testing.T, frame response) object {
	t.Helper()
	_, rest, _ := strings.Cut(string(frame.body), `id="preview">`)
	raw, _, _ := strings.Cut(rest, "</script>")
	var got object
	check(t, json.Unmarshal([]byte(raw), &got))
	return got
}

func TestUnsavedSettingsArePreviewedAndNotSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	before := w.call(t, w.admin, "GET", "/api/v1/channels/"+w.channel.ID, nil).want(http.StatusOK)
	w.flow(t, topicFlow())
	about := w.preview(t, w.channel.ID, object{
		"changes": object{"name": "Shop", "settings": object{
			"accent_colour": "#AB12CD", "heading": object{"name": "</script><b>Lamps"}, "availability": object{"reply_time": "hours"},
		}},
		"chatflow": object{"greeting": "Good morning!"},
	})
	if !reflect.DeepEqual(about["state"], []string{"open", "away"}) || about.Get("name") != "Shop" || about.Get("kind") != "chat" || len(about["language"]) < 6 {
		t.Errorf("the page is told %v", about)
	}
	frame := w.frame(t, about, "scheme", "dark").want(http.StatusOK)
	got := shown(t, frame)
	widget := got["widget"].(object)
	if widget["accent_colour"] != "#ab12cd" || widget["heading"].(object)["title"] != "</script><b>Lamps" || got["dark"] != true || got["open"] != true ||
		!strings.HasPrefix(widget["opening"].(object)["text"].(string), "Good morning!\n\nWhat is it about?") {
		t.Errorf("the frame shows %v", got)
	}
	said := got["said"].(object)["topic:order"]
	if want := []any{object{"text": "Somebody is coming.", "quick_replies": []any{}}}; !reflect.DeepEqual(said, want) {
		t.Errorf("to the button the bot says %v", said)
	}
	policy := frame.header.Get("Content-Security-Policy")
	for _, part := range []string{"sandbox allow-scripts;", "connect-src 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the frame may do too much: %s", policy)
		}
	}
	after := w.call(t, w.admin, "GET", "/api/v1/channels/"+w.channel.ID, nil).want(http.StatusOK)
	if string(after.body) != string(before.body) {
		t.Errorf("the preview changed the channel to %s", after.body)
	}
	if colour := w.widget(t, "")["accent_colour"]; colour == "#ab12cd" {
		t.Error("a visitor sees what is not published")
	}
	if ids := w.call(t, w.admin, "GET", "/api/v1/conversations", nil).want(http.StatusOK).ids(); len(ids) != 0 {
		t.Errorf("the preview made conversations %v", ids)
	}
}

func TestAPreviewShowsEachStateOfTheChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	about := w.preview(t, w.channel.ID, object{"changes": object{"settings": object{
		"prompt": object{"enabled": true, "text": "A sale!", "delay_seconds": 30},
		"availability": object{
			"mode": "hours", "hours": object{"time_zone": "UTC", "ranges": []any{}}, "reply_time": "day",
			"away": object{"message": "At lunch."}, "outside": object{"behaviour": "hide"},
		},
	}}})
	for name, test := range map[string]struct {
		scene          []string
		state, text    string
		open, prompted bool
		note           string
	}{
		"somebody is there":    {nil, "open", "We usually answer within a day.", true, false, ""},
		"in German":            {[]string{"language", "de"}, "open", "Wir antworten meist innerhalb eines Tages.", true, false, ""},
		"in no known language": {[]string{"language", "tlh"}, "open", "We usually answer within a day.", true, false, ""},
		"everybody is away":    {[]string{"state", "away"}, "away", "At lunch.", true, false, ""},
		"closed, and hidden":   {[]string{"state", "outside_hours"}, "outside_hours", "", false, false, "the chat is hidden"},
		"the prompt, at once":  {[]string{"show", "prompt"}, "open", "We usually answer within a day.", false, true, ""},
		"the launcher":         {[]string{"show", "launcher"}, "open", "We usually answer within a day.", false, false, ""},
	} {
		frame := w.frame(t, about, test.scene...).want(http.StatusOK)
		got := shown(t, frame)
		widget := got["widget"].(object)
		prompt, prompted := widget["prompt"].(object)
		if widget["state"] != test.state || widget["text"] != test.text || got["open"] != test.open || prompted != test.prompted ||
			prompted && prompt["delay_seconds"] != 0.0 || !strings.Contains(string(frame.body), test.note) || test.note == "" && strings.Contains(string(frame.body), "note\" role") {
			t.Errorf("%s: %v", name, got)
		}
	}
	always := w.preview(t, w.channel.ID, object{"changes": object{"settings": object{"availability": object{"mode": "always"}}}})
	if got := shown(t, w.frame(t, always, "state", "away"))["widget"].(object); !reflect.DeepEqual(always["state"], []string{"open"}) || got["state"] != "open" {
		t.Errorf("a chat that is always open can be %v and is %v", always["state"], got["state"])
	}
}

func TestAPreviewIsCheckedLikeAChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	path := "/api/v1/channels/" + w.channel.ID + "/preview"
	w.call(t, w.admin, "POST", path, object{"changes": object{"settings": object{"position": "middle"}}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "changes.settings.position")
	w.call(t, w.admin, "POST", path, object{"chatflow": object{"steps": []any{object{"id": "a", "kind": "say", "text": "x", "next": "nowhere"}}}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "chatflow.steps[0].next")
	refused := w.call(t, w.admin, "POST", path, object{"chatflow": object{"greeting": "Hello!"}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "chatflow.steps")
	if detail := refused["detail"]; !strings.HasPrefix(detail.(string), "No chatflow is active") {
		t.Errorf("without an active chatflow it says %v", detail)
	}
	w.callBadly(t, w.admin, "POST", path, object{"change": object{}}).wantProblem(http.StatusUnprocessableEntity, "invalid", "change")
	number := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "whatsapp", "name": "WhatsApp", "settings": object{"number": "+12025550101"}}).want(http.StatusCreated)
	w.call(t, w.admin, "POST", "/api/v1/channels/"+number.text("id")+"/preview", nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestMessengerFormsAndMailArePreviewedWithoutScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	for kind, test := range map[string]struct {
		change object
		parts  []string
	}{
		"messenger": {object{"chatflow": object{"greeting": "Good morning!"}}, []string{"Good morning!", "Thank you for your message."}},
		"form":      {object{"changes": object{"settings": object{"title": "Tell us"}}}, []string{"<bdi>Tell us</bdi>", "Your name"}},
		"email":     {object{"changes": object{"settings": object{"signature": object{"html": "<p>Kind regards, {{sender.first_name}}</p>"}}}}, []string{"Kind regards, Ann"}},
	} {
		made := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": kind, "name": "Site"}).want(http.StatusCreated)
		frame := w.frame(t, w.preview(t, made.text("id"), test.change)).want(http.StatusOK)
		for _, part := range test.parts {
			if !strings.Contains(string(frame.body), part) {
				t.Errorf("%s: %q is missing: %s", kind, part, frame.body)
			}
		}
		if policy := frame.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox; default-src 'none'; style-src") {
			t.Errorf("%s may run something: %s", kind, policy)
		}
	}
}

func TestAPreviewOfMessengerBearsThePagesName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	made := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "messenger", "name": "Site"}).want(http.StatusCreated)
	heading := func() string {
		_, rest, _ := strings.Cut(string(w.frame(t, w.preview(t, made.text("id"), nil)).want(http.StatusOK).body), "<h1>")
		name, _, _ := strings.Cut(rest, "</h1>")
		return name
	}
	before := heading()
	must(w.store.ConnectPage(t.Context(), store.FacebookPage{ChannelID: made.text("id"), PageID: "9", Name: "Lamps & more", Credentials: []byte("sealed"), ConnectedBy: w.admin.ID, ConnectedAt: time.Now()}))(t)
	if after := heading(); before != "Site" || after != "Lamps &amp; more" {
		t.Errorf("without a page it is headed %q, with it %q", before, after)
	}
}

func TestAFormIsPreviewedInEachOfItsLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	about := w.preview(t, w.form(t).ID, object{"changes": object{"settings": object{"language": "fr", "title": "Bonjour"}}})
	if got := about["language"]; !slices.Contains(got, "ar") || !slices.Contains(got, "de") {
		t.Errorf("it can be seen in %v", got)
	}
	for language, want := range map[string][]string{
		"": {`<html lang="fr" dir="ltr">`, "(obligatoire)"}, "tlh": {`<html lang="fr" dir="ltr">`, "(obligatoire)"},
		"ar": {`<html lang="ar" dir="rtl">`, "(مطلوب)", `<bdi lang="fr">Bonjour</bdi>`},
	} {
		frame := w.frame(t, about, "language", language).want(http.StatusOK)
		for _, part := range want {
			if !strings.Contains(string(frame.body), part) {
				t.Errorf("in %q: %s is missing: %s", language, part, frame.body)
			}
		}
	}
}

func TestOnlyOurOwnDraftsAreShownAndOnlyForAWhile(t *testing.T) {
	t.Parallel()
	keys := must(secrets.New())(t)
	w := newWorld(t, sealing(keys))
	seal := func(keys *secrets.Keyset, owner string, until time.Time) url.Values {
		raw := must(json.Marshal(object{"channel_id": w.channel.ID, "name": "x", "settings": w.channel.Settings, "until": until}))(t)
		return url.Values{"draft": {base64.RawURLEncoding.EncodeToString(must(keys.Seal(raw, owner))(t))}}
	}
	soon, before := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	w.frame(t, seal(keys, "preview", soon)).want(http.StatusOK)
	for name, about := range map[string]url.Values{
		"an old one":         seal(keys, "preview", before),
		"somebody else's":    seal(must(secrets.New())(t), "preview", soon),
		"another secret":     seal(keys, "mailbox:x", soon),
		"what is no base64":  {"draft": {"ä"}},
		"what is not sealed": {"draft": {base64.RawURLEncoding.EncodeToString([]byte(`{}`))}},
	} {
		t.Log(name)
		w.frame(t, about).wantProblem(http.StatusNotFound, "not_found", "")
	}
	bare := newWorld(t)
	bare.call(t, bare.admin, "POST", "/api/v1/channels/"+bare.channel.ID+"/preview", nil).
		wantProblem(http.StatusConflict, "provider_not_set_up", "")
}

func TestThePreviewsPageIsServedStrictly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, contentType := range map[string]string{
		"/previews": "text/html", "/previews/preview.css": "text/css", "/previews/preview.js": "text/javascript", "/previews/frame.js": "text/javascript",
	} {
		got := w.call(t, person{}, "GET", path, nil).want(http.StatusOK)
		if !strings.HasPrefix(got.header.Get("Content-Type"), contentType) || !strings.Contains(got.header.Get("Content-Security-Policy"), "script-src 'self';") {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

func TestSandboxedFramesLoadTheScriptAndGetNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(t, `{"allowed_origins":["https://shop.example.com"]}`)
	from := func(method, path string) response {
		request := must(http.NewRequestWithContext(t.Context(), method, w.url+"/chat/"+w.channel.ID+"/"+path, nil))(t)
		request.Header.Set("Origin", "null")
		return do(t, request, true)
	}
	for _, path := range []string{"widget.js", "widget/panel-x.js"} {
		if got := from("GET", path).want(http.StatusOK); got.header.Get("Access-Control-Allow-Origin") != "null" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
	from("POST", "sessions").wantProblem(http.StatusForbidden, "origin_not_allowed", "")
}

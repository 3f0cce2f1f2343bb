package outbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gabriel-vasile/mimetype"

	calls "switchboard/channels/call"
	"switchboard/channels/twilio"
	"switchboard/cmd/dev/outbox"
)

const (
	appSecret = "an app's secret"
	account   = "AC00000000000000000000000000000001"
	authToken = "0123456789abcdef0123456789abcdef"
	publicURL = "https://desk.example.com"
)

// ours is where the outbox sends webhooks to.
type ours struct {
	server *httptest.Server
	taken  chan webhook
}

type webhook struct {
	path   string
	header http.Header
	body   string
}

func newOurs(t *testing.T) *ours {
	t.Helper()
	o := &ours{taken: make(chan webhook, 10)}
	o.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		o.taken <- webhook{r.URL.Path, r.Header, string(body)}
	}))
	t.Cleanup(o.server.Close)
	return o
}

func (o *ours) next(t *testing.T) webhook {
	t.Helper()
	select {
	case w := <-o.taken:
		return w
	case <-time.After(time.Minute):
		t.Fatal("nothing came back")
		return webhook{}
	}
}

func TestAMessengerMessageIsKeptWithoutItsCredentialsAndEchoed(t *testing.T) {
	t.Parallel()
	us := newOurs(t)
	box := start(t, t.TempDir(), us)
	answer := call(t, http.MethodPost, box.URL()+outbox.GraphVersion+"/4711/messages?access_token=secret&appsecret_proof=proof", "application/json",
		`{"recipient":{"id":"77"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"Hello","metadata":"m1"},"access_token":"secret"}`)
	if answer["recipient_id"] != "77" || answer["message_id"] == nil {
		t.Fatalf("answered %v", answer)
	}

	items, raw := list(t, box)
	if strings.Contains(raw, "secret") || strings.Contains(raw, "proof") {
		t.Errorf("credentials are kept: %s", raw)
	}
	if len(items) != 1 || items[0].Provider != outbox.ProviderMessenger || items[0].Path != "/v26.0/4711/messages" ||
		items[0].Body["tag"] != "HUMAN_AGENT" || items[0].Answer.Status != 200 {
		t.Errorf("%+v", items)
	}

	echo := us.next(t)
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(echo.body))
	if echo.path != "/webhooks/messenger" || echo.header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("the echo is not Facebook's: %+v", echo)
	}
	for _, part := range []string{`"is_echo":true`, `"metadata":"m1"`, `"app_id":1234`, `"sender":{"id":"4711"}`, answer["message_id"].(string)} {
		if !strings.Contains(echo.body, part) {
			t.Errorf("%s is missing in the echo: %s", part, echo.body)
		}
	}
	if delivery := us.next(t); !strings.Contains(delivery.body, `"delivery"`) {
		t.Errorf("after the echo came %s", delivery.body)
	}
}

func TestWhoConnectsAPageIsSentBackAndMayChoose(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir(), newOurs(t))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	consent := func(application, back string) *http.Response {
		query := url.Values{"client_id": {application}, "redirect_uri": {back}, "state": {"s&t"}}
		response, err := client.Get(outbox.DialogURL(box.URL()+outbox.GraphVersion) + "?" + query.Encode())
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	back, err := consent("1234", publicURL+"/oauth/facebook/callback").Location()
	if err != nil || back.Path != "/oauth/facebook/callback" || back.Host != "desk.example.com" ||
		back.Query().Get("state") != "s&t" || back.Query().Get("code") == "" {
		t.Errorf("sent back to %v (%v)", back, err)
	}
	for application, elsewhere := range map[string]string{"1234": publicURL + ".evil.example/", "5": publicURL + "/oauth/facebook/callback"} {
		if got := consent(application, elsewhere); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s for %s: %s", application, elsewhere, got.Status)
		}
	}
	pages := call(t, http.MethodGet, box.URL()+outbox.GraphVersion+"/me/accounts", "", "")["data"].([]any)
	if len(pages) != 2 || pages[0].(map[string]any)["id"] != "4711" {
		t.Errorf("pages %v", pages)
	}
}

func TestAWhatsAppMessageIsKeptAndItsWayToThePhoneTold(t *testing.T) {
	t.Parallel()
	us := newOurs(t)
	box := start(t, t.TempDir(), us)
	messages := box.URL() + "/2010-04-01/Accounts/" + account + "/Messages"
	answer := call(t, http.MethodPost, messages+".json", "application/x-www-form-urlencoded", url.Values{
		"From": {"whatsapp:+12025550101"}, "To": {"whatsapp:+12025550123"}, "ContentSid": {"HX1"}, "ContentVariables": {`{"1":"Grace"}`},
		"StatusCallback": {publicURL + "/webhooks/twilio/status?message=m1#rc=5&rp=all"},
	}.Encode())
	sid, _ := answer["sid"].(string)
	if answer["status"] != "queued" || !strings.HasPrefix(sid, "SM") || len(sid) != 34 {
		t.Fatalf("answered %v", answer)
	}
	for _, status := range []string{"sent", "delivered"} {
		told := us.next(t)
		form, err := url.ParseQuery(told.body)
		if err != nil || told.path != "/webhooks/twilio/status" || form.Get("MessageStatus") != status || form.Get("MessageSid") != sid {
			t.Errorf("told %+v, %v", told, err)
		}
		if !twilio.NewSignatures(publicURL, authToken).Valid(
			"/webhooks/twilio/status?message=m1", []byte(told.body), told.header.Get(twilio.SignatureHeader)) {
			t.Error("the status is not signed")
		}
	}

	if items, _ := list(t, box); len(items) != 1 || items[0].Body["ContentVariables"] != `{"1":"Grace"}` {
		t.Errorf("%+v", items)
	}
	if found := call(t, http.MethodGet, messages+"/"+sid+".json", "", ""); found["status"] != "delivered" {
		t.Errorf("looked up: %v", found)
	}
	found := call(t, http.MethodGet, messages+".json?To="+url.QueryEscape("whatsapp:+12025550123"), "", "")
	if len(found["messages"].([]any)) != 1 {
		t.Errorf("listed: %v", found)
	}
	found = call(t, http.MethodGet, messages+".json?To=whatsapp:1", "", "")
	if len(found["messages"].([]any)) != 0 {
		t.Errorf("listed for somebody else: %v", found)
	}
}

func TestAFileThatCannotBeFetchedFailsTheMessage(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 4)
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method
		if r.URL.Path != "/there.png" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "image/png")
	}))
	t.Cleanup(files.Close)
	us := newOurs(t)
	box := start(t, t.TempDir(), us)
	for file, want := range map[string]struct{ status, code, asked string }{
		"/there.png": {"sent", "", "HEAD GET"}, "/gone.png": {"failed", "63019", "HEAD"},
	} {
		answer := call(t, http.MethodPost, box.URL()+"/2010-04-01/Accounts/"+account+"/Messages.json", "application/x-www-form-urlencoded", url.Values{
			"From": {"whatsapp:+12025550101"}, "To": {"whatsapp:+12025550123"}, "MediaUrl": {files.URL + file},
			"StatusCallback": {publicURL + "/webhooks/twilio/status"},
		}.Encode())
		if answer["num_media"] != "1" {
			t.Errorf("answered %v", answer)
		}
		form, err := url.ParseQuery(us.next(t).body)
		if err != nil || form.Get("MessageStatus") != want.status || form.Get("ErrorCode") != want.code {
			t.Errorf("%s: told %v, %v", file, form, err)
		}
		if want.status == "sent" {
			us.next(t) // delivered
		}
		for _, method := range strings.Fields(want.asked) {
			if got := <-asked; got != method {
				t.Errorf("%s was asked for by %s, not %s", file, got, method)
			}
		}
	}
}

func TestAVoicemailIsWhatItsNameSays(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir(), newOurs(t))
	client, err := twilio.New(account, authToken, box.URL())
	if err != nil {
		t.Fatal(err)
	}
	recording := calls.Recording{URL: "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Recordings/RE1"}
	file, err := client.Fetch(t.Context(), recording.File())
	if err != nil {
		t.Fatal(err)
	}
	if found := mimetype.Detect(file.Data); file.Name != "voicemail.mp3" || file.ContentType != "audio/mpeg" || !found.Is("audio/mpeg") {
		t.Errorf("%s, %s, is %s", file.Name, file.ContentType, found)
	}
}

func TestWhatNobodyKnowsIsRefusedAndSeen(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir(), newOurs(t))
	call(t, http.MethodPost, box.URL()+outbox.GraphVersion+"/4711/nonsense", "application/json", `{}`)
	call(t, http.MethodPost, box.URL()+"/nonsense", "application/json", `{}`)
	items, _ := list(t, box)
	if len(items) != 2 || items[0].Answer.Status != 400 || items[1].Answer.Status != 404 {
		t.Errorf("%+v", items)
	}
}

func TestARestartedOutboxFindsItsRequestsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	us := newOurs(t)
	box, err := outbox.Start(t.Context(), options(dir, us))
	if err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodPost, box.URL()+outbox.GraphVersion+"/4711/messenger_profile", "application/json", `{"greeting":[]}`)
	box.Stop()
	if items, _ := list(t, start(t, dir, us)); len(items) != 1 || items[0].Path != "/v26.0/4711/messenger_profile" {
		t.Errorf("%+v", items)
	}
}

func TestThePageEscapesWhatWasSent(t *testing.T) {
	t.Parallel()
	box := start(t, t.TempDir(), newOurs(t))
	call(t, http.MethodPost, box.URL()+outbox.GraphVersion+"/4711/messages", "application/json",
		`{"recipient":{"id":"77"},"message":{"text":"<script>x</script>"}}`)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/dev/outbox", nil)
	r.Header.Set("Accept", "text/html,*/*")
	box.Page(w, r)
	if page := w.Body.String(); !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "<script>") {
		t.Error(page)
	}
}

func options(dir string, us *ours) outbox.Options {
	return outbox.Options{
		Address: "127.0.0.1:0", Dir: dir, APIURL: us.server.URL, PublicURL: publicURL, Log: slog.New(slog.DiscardHandler),
		Facebook: outbox.Facebook{AppID: "1234", AppSecret: appSecret, PageID: "4711", PageName: "Demo"},
		Twilio:   outbox.Twilio{AuthToken: authToken},
	}
}

func start(t *testing.T, dir string, us *ours) *outbox.Outbox {
	t.Helper()
	box, err := outbox.Start(t.Context(), options(dir, us))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Stop)
	return box
}

func call(t *testing.T, method, address, contentType, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", response.Status, err)
	}
	return answer
}

func list(t *testing.T, box *outbox.Outbox) (items []outbox.Request, raw string) {
	t.Helper()
	w := httptest.NewRecorder()
	box.Page(w, httptest.NewRequest(http.MethodGet, "/dev/outbox", nil))
	var answer struct{ Items []outbox.Request }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return answer.Items, w.Body.String()
}

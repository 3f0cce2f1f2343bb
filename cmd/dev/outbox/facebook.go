package outbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// GraphVersion is the path of the Graph API that is stood in for.
const GraphVersion = "/v26.0"

// dialog is where a person lets us into pages, below the Graph API here.
const dialog = "/dialog/oauth"

// DialogURL is the dialog's address for that of the Graph API.
func DialogURL(graphURL string) string { return graphURL + dialog }

// Facebook is our application there, and the first page it may speak for.
type Facebook struct {
	AppID, AppSecret string
	PageID, PageName string
}

// subscribedFields are those that docs/messenger.md asks for.
var subscribedFields = []string{
	"messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads", "message_reactions",
	"messaging_referrals", "standby",
}

// standForFacebook answers what Messenger's documentation answers
// (developers.facebook.com/docs/messenger-platform).
func (o *Outbox) standForFacebook(mux *http.ServeMux) {
	handle := func(pattern string, answer func(*http.Request, Request) reply) {
		mux.HandleFunc(pattern, o.stand(ProviderMessenger, answer))
	}
	always := func(body any) func(*http.Request, Request) reply {
		return func(*http.Request, Request) reply { return ok(body) }
	}
	success := map[string]any{"success": true}
	handle("POST "+GraphVersion+"/{page}/messages", o.messengerSend)
	handle("POST "+GraphVersion+"/{page}/message_attachments", func(*http.Request, Request) reply {
		return ok(map[string]any{"attachment_id": rand.Text()})
	})
	handle("POST "+GraphVersion+"/{page}/messenger_profile", always(map[string]any{"result": "success"}))
	handle("DELETE "+GraphVersion+"/{page}/messenger_profile", always(map[string]any{"result": "success"}))
	handle("POST "+GraphVersion+"/{page}/subscribed_apps", always(success))
	handle("DELETE "+GraphVersion+"/{page}/subscribed_apps", always(success))
	handle("GET "+GraphVersion+"/{page}/subscribed_apps", always(map[string]any{"data": []any{
		map[string]any{"id": o.options.Facebook.AppID, "subscribed_fields": subscribedFields},
	}}))
	handle("GET "+GraphVersion+"/oauth/access_token", always(map[string]any{
		"access_token": rand.Text(), "token_type": "bearer", "expires_in": 60 * 24 * 3600,
	}))
	mux.HandleFunc("GET "+GraphVersion+dialog, o.letIn)
	handle("GET "+GraphVersion+"/me/accounts", always(map[string]any{"data": []any{
		managed(o.options.Facebook.PageID, o.options.Facebook.PageName), managed(anotherPageID, "Another demo page"),
	}}))
	// A profile may hold nothing: people can keep it from pages.
	handle("GET "+GraphVersion+"/{id}", always(map[string]any{}))
	handle(GraphVersion+"/", func(*http.Request, Request) reply {
		return reply{status: http.StatusBadRequest, body: map[string]any{"error": map[string]any{
			"message": "Unsupported request", "type": "GraphMethodException", "code": 100,
		}}}
	})
}

// anotherPageID is a second page, for a second channel: a page has one.
const anotherPageID = "100000000000003"

// managed is a page that the person who let us in manages.
func managed(id, name string) map[string]any {
	return map[string]any{
		"id": id, "name": name, "access_token": rand.Text(), "tasks": []string{"MANAGE", "MESSAGING", "MODERATE"},
	}
}

// letIn sends a person back who lets us into all pages, without asking.
func (o *Outbox) letIn(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	back, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil || asked.Get("client_id") != o.options.Facebook.AppID || !strings.HasPrefix(back.String(), o.options.PublicURL+"/") {
		http.Error(w, "not our application or not its address", http.StatusBadRequest)
		return
	}
	back.RawQuery = url.Values{"code": {rand.Text()}, "state": {asked.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// messengerSend accepts a message, and then has the page's echo and the delivery
// follow.
func (o *Outbox) messengerSend(r *http.Request, request Request) reply {
	recipient, message := object(request.Body["recipient"]), object(request.Body["message"])
	answer := map[string]any{"recipient_id": recipient["id"]}
	if message == nil {
		return ok(answer) // a sender action, such as typing_on
	}
	mid := "m_" + rand.Text()
	answer["message_id"] = mid
	page := r.PathValue("page")
	if page == "me" {
		page = o.options.Facebook.PageID
	}
	now := time.Now().UnixMilli()
	echo := map[string]any{"mid": mid, "is_echo": true, "app_id": json.Number(o.options.Facebook.AppID)}
	for _, name := range []string{"text", "metadata"} {
		if value, given := message[name]; given {
			echo[name] = value
		}
	}
	id := func(id any) map[string]any { return map[string]any{"id": id} }
	return ok(answer,
		o.page(page, now, map[string]any{
			"sender": id(page), "recipient": recipient, "timestamp": now, "message": echo,
		}),
		o.page(page, now, map[string]any{
			"sender": recipient, "recipient": id(page), "timestamp": now, "delivery": map[string]any{"mids": []string{mid}, "watermark": now},
		}))
}

// object is a JSON object, or one that is a form's field, as beside a file.
func object(value any) map[string]any {
	if text, isText := value.(string); isText {
		var parsed map[string]any
		if json.Unmarshal([]byte(text), &parsed) == nil {
			return parsed
		}
	}
	parsed, _ := value.(map[string]any)
	return parsed
}

// page is a signed webhook of one item.
func (o *Outbox) page(page string, at int64, item map[string]any) callback {
	return func() (*http.Request, error) {
		body, err := json.Marshal(map[string]any{
			"object": "page", "entry": []any{map[string]any{"id": page, "time": at, "messaging": []any{item}}},
		})
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, []byte(o.options.Facebook.AppSecret))
		mac.Write(body)
		return o.post(o.options.APIURL+"/webhooks/messenger", "application/json", body,
			"X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
}

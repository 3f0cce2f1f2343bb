package api_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/secrets"
	"switchboard/test/standins/fakemessenger"
)

// pagesWorld is a world whose Facebook has pages.
func pagesWorld(t *testing.T, known ...fakemessenger.Page) (*world, *fakemessenger.Server) {
	t.Helper()
	facebook := fakemessenger.New("4711", "app-secret", known...)
	t.Cleanup(facebook.Close)
	w := newWorld(t, func(o *api.Options) {
		service := &pages.Service{
			Store: o.Store, API: must(graph.New(facebook.GraphURL(), "app-secret"))(t), AppID: "4711",
			Keys:      must(secrets.New())(t),
			DialogURL: "https://www.facebook.com/v26.0/dialog/oauth", RedirectURL: "https://desk.example.com/oauth/facebook/callback",
			Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().UTC() },
		}
		o.Facebook = service
		o.Kinds = append(o.Kinds, &messenger.Channel{API: service.API, Pages: service})
	})
	return w, facebook
}

func (w *world) messenger(t *testing.T) string {
	t.Helper()
	return w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{
		"kind": "messenger", "name": "Page",
	}).want(201).text("id")
}

// consents lets us into everything that Facebook has.
func (w *world) consents(t *testing.T, facebook *fakemessenger.Server, channelID string) response {
	t.Helper()
	asked := w.call(t, w.admin, "POST", "/api/v1/channels/"+channelID+"/connect", object{"provider": "facebook"}).want(200)
	dialog := must(url.Parse(asked.text("authorization_url")))(t)
	query := url.Values{"state": {dialog.Query().Get("state")}, "code": {facebook.Code()}}
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/oauth/facebook/callback?"+query.Encode(), nil))(t)
	return do(t, request, true)
}

func TestTheOnlyPageIsConnectedAtOnce(t *testing.T) {
	t.Parallel()
	w, facebook := pagesWorld(t, fakemessenger.Page{ID: "100", Name: "Pumps", Token: "page-token"})
	id := w.messenger(t)
	w.consents(t, facebook, id).want(200)
	channel := w.call(t, w.admin, "GET", "/api/v1/channels/"+id, nil).want(200).object()
	if channel["provider"] != "facebook" || channel["connection"].(map[string]any)["address"] != "Pumps" {
		t.Errorf("got %v", channel)
	}
	flow, _ := inbox.DefaultChatflow(inbox.KindMessenger)
	if !facebook.Subscribed("100") || facebook.Greeting("100") != flow.Greeting || !facebook.GetStarted("100") {
		t.Errorf("not set up: %v %q", facebook.Subscribed("100"), facebook.Greeting("100"))
	}
	other := w.messenger(t)
	w.consents(t, facebook, other).want(409)
	if got := must(w.store.ChannelByAccount(t.Context(), inbox.KindMessenger, "100"))(t); got.ID != id {
		t.Errorf("the page moved to another channel: %+v", got)
	}
	w.call(t, w.admin, "DELETE", "/api/v1/channels/"+id+"/connect", nil).want(204)
	if facebook.Subscribed("100") {
		t.Error("a disconnected page is still subscribed")
	}
	w.consents(t, facebook, other).want(200)
}

func TestOneOfSeveralPagesIsChosen(t *testing.T) {
	t.Parallel()
	w, facebook := pagesWorld(t,
		fakemessenger.Page{ID: "100", Name: "Pumps", Token: "token-1"}, fakemessenger.Page{ID: "101", Name: "Valves", Token: "token-2"})
	id := w.messenger(t)
	w.call(t, w.admin, "GET", "/api/v1/channels/"+id+"/pages", nil).wantProblem(404, "not_found", "")
	w.consents(t, facebook, id).want(200)
	offered := w.call(t, w.admin, "GET", "/api/v1/channels/"+id+"/pages", nil).want(200)
	if items := offered.object()["items"].([]any); len(items) != 2 {
		t.Fatalf("offered %v", items)
	}
	connect := "/api/v1/channels/" + id + "/connect"
	w.call(t, w.admin, "POST", connect, object{"provider": "facebook", "page_id": "999"}).wantProblem(422, "invalid", "page_id")
	w.call(t, w.admin, "POST", connect, object{"provider": "gmail"}).wantProblem(422, "invalid", "provider")
	w.call(t, w.admin, "POST", connect, object{"provider": "facebook", "page_id": "101"}).want(201)
	if facebook.Subscribed("100") || !facebook.Subscribed("101") {
		t.Error("another page was subscribed")
	}
	w.call(t, w.admin, "GET", "/api/v1/channels/"+id+"/pages", nil).wantProblem(404, "not_found", "")
}

func TestSettingsFromWhenAPagesGreetingWasOneAreStillSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sealing(must(secrets.New())(t)))
	id := w.messenger(t)
	channel := must(w.store.Channel(t.Context(), id))(t)
	channel.Settings = []byte(`{"greeting":"Hello!","away_message":{"text":"We are asleep."},"consent":{"mode":"none"}}`)
	must(w.store.UpdateChannel(t.Context(), channel))(t)
	w.preview(t, id, object{"changes": object{"name": "Renamed"}})
	edited := w.call(t, w.admin, "PATCH", "/api/v1/channels/"+id, object{"name": "Renamed"}).want(200).object()
	settings := edited["settings"].(object)
	if _, there := settings["greeting"]; there || settings["away_message"].(object)["text"] != "We are asleep." {
		t.Errorf("settings %v", settings)
	}
	w.call(t, w.admin, "PATCH", "/api/v1/channels/"+id, object{"settings": object{"greeting": "Hello!"}}).
		wantProblem(422, "invalid", "settings")
}

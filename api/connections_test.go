package api_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"

	"switchboard/api"
	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/mailboxes"
	"switchboard/secrets"
)

// google answers like Google's OAuth and Gmail's profile; every code is a consent
// of support@company.test but "bad".
func google(t *testing.T) *oauth.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/gmail/v1/users/me/profile":
			_, _ = io.WriteString(w, `{"emailAddress":"Support@company.test"}`)
		case r.FormValue("code") == "bad":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		default:
			_, _ = io.WriteString(w, `{"access_token":"a","refresh_token":"r","expires_in":3600,
				"scope":"https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send"}`)
		}
	}))
	t.Cleanup(server.Close)
	return oauth.Google(oauth.Application{ClientID: "switchboard", RedirectURL: "https://desk.example.com/oauth/gmail/callback"},
		oauth.GoogleURLs{Auth: server.URL + "/auth", Token: server.URL + "/token", API: server.URL})
}

// connecting is a world that has keys and is registered with Google.
func connecting(t *testing.T) *world {
	t.Helper()
	return newWorld(t, func(o *api.Options) {
		o.Mailboxes.Keys = must(secrets.New())(t)
		o.Mailboxes.Google = google(t)
	})
}

// email creates an e-mail channel and returns the path to its connection.
func (w *world) email(t *testing.T) (channelID, connect string) {
	t.Helper()
	id := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "email", "name": "Support"}).
		want(http.StatusCreated).text("id")
	return id, "/api/v1/channels/" + id + "/connect"
}

// asks begins to connect a channel with Gmail and returns the state.
func (w *world) asks(t *testing.T, connect string) string {
	t.Helper()
	page := w.call(t, w.admin, "POST", connect, object{"provider": "gmail"}).want(http.StatusOK)
	parsed := must(url.Parse(page.text("authorization_url")))(t)
	return parsed.Query().Get("state")
}

// comesBack is the browser that the provider sends back.
func (w *world) comesBack(t *testing.T, query string) response {
	t.Helper()
	return do(t, must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/oauth/gmail/callback?"+query, nil))(t), true)
}

func TestAChannelIsConnectedByConsent(t *testing.T) {
	t.Parallel()
	w := connecting(t)
	id, connect := w.email(t)
	if got := w.call(t, w.admin, "GET", "/api/v1/channels/"+id, nil).object(); got["connection"] != nil {
		t.Errorf("connected to %v before", got["connection"])
	}
	state := w.asks(t, connect)
	page := w.comesBack(t, "state="+state+"&code=good&scope=x").want(http.StatusOK)
	if !strings.Contains(string(page.body), "support@company.test") ||
		!strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the page says %s under %s", page.body, page.header.Get("Content-Security-Policy"))
	}
	got := w.call(t, w.agent, "GET", "/api/v1/channels/"+id, nil).object()
	connection, _ := got["connection"].(object)
	if connection["provider"] != "gmail" || connection["address"] != "support@company.test" || connection["problem"] != nil || got["state"] != "connected" {
		t.Errorf("the channel is %v", got)
	}
	listed := w.call(t, w.agent, "GET", w.channelsOf(w.inbox.ID), nil).object()["items"].([]any)
	if last := listed[len(listed)-1].(object); last["connection"] == nil {
		t.Errorf("listed as %v", last)
	}
	if told := w.readers.heard(); len(told) != 1 || told[0] != id {
		t.Errorf("readers heard of %v", told)
	}
	if strings.Contains(w.log.String(), state) {
		t.Error("the log knows the state")
	}

	w.comesBack(t, "state="+state+"&code=good").want(http.StatusNotFound)

	w.call(t, w.admin, "DELETE", connect, nil).want(http.StatusNoContent)
	if got := w.call(t, w.admin, "GET", "/api/v1/channels/"+id, nil).object(); got["connection"] != nil {
		t.Errorf("still connected to %v", got["connection"])
	}
	if told := w.readers.heard(); len(told) != 1 {
		t.Errorf("readers heard of %v", told)
	}
	w.call(t, w.admin, "DELETE", connect, nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestAConsentThatIsNoneConnectsNothing(t *testing.T) {
	t.Parallel()
	w := connecting(t)
	id, connect := w.email(t)
	for query, status := range map[string]int{
		"":                                 http.StatusNotFound,
		"state=made-up&code=good":          http.StatusNotFound,
		"error=access_denied&state=STATE":  http.StatusForbidden,
		"code=bad&state=STATE":             http.StatusUnprocessableEntity,
		"error=%3Cscript%3E&state=made-up": http.StatusNotFound,
	} {
		page := w.comesBack(t, strings.ReplaceAll(query, "STATE", w.asks(t, connect))).want(status)
		if !strings.Contains(string(page.body), "Not connected") || strings.Contains(string(page.body), "<script") {
			t.Errorf("%q is answered with %s", query, page.body)
		}
	}
	if got := w.call(t, w.admin, "GET", "/api/v1/channels/"+id, nil).object(); got["connection"] != nil || len(w.readers.heard()) > 0 {
		t.Errorf("connected to %v", got["connection"])
	}
	// Whoever asked is no admin any more.
	state := w.asks(t, connect)
	other := w.person(t, inbox.Agent{Name: "Root", Admin: true})
	w.call(t, other, "PATCH", "/api/v1/agents/"+w.admin.ID, object{"admin": false}).want(http.StatusOK)
	w.comesBack(t, "code=good&state="+state).want(http.StatusForbidden)
}

func TestAMailboxOfAnotherChannelOrAnAgentIsRefused(t *testing.T) {
	t.Parallel()
	w := connecting(t)
	_, first := w.email(t)
	id, second := w.email(t)
	w.comesBack(t, "code=good&state="+w.asks(t, first)).want(http.StatusOK)
	w.comesBack(t, "code=good&state="+w.asks(t, second)).want(http.StatusConflict)
	w.call(t, w.admin, "POST", "/api/v1/agents", object{"name": "Eve", "email": "support@company.test"}).
		wantProblem(http.StatusConflict, "personal_mailbox", "email")
	w.call(t, w.admin, "DELETE", first, nil).want(http.StatusNoContent)
	w.call(t, w.admin, "POST", "/api/v1/agents", object{"name": "Eve", "email": "support@company.test"}).want(http.StatusCreated)
	page := w.comesBack(t, "code=good&state="+w.asks(t, second)).want(http.StatusConflict)
	if !strings.Contains(string(page.body), "agent&#39;s own address") {
		t.Errorf("the page says %s", page.body)
	}
	if got := w.call(t, w.admin, "GET", "/api/v1/channels/"+id, nil).object(); got["connection"] != nil {
		t.Errorf("connected to %v", got["connection"])
	}
}

func TestWhatTheServerIsNotSetUpForIsSaidWithTheRemedy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service  func(*mailboxes.Service)
		provider string
		remedy   string
	}{
		"no keys":           {func(s *mailboxes.Service) { s.Google = google(t) }, "gmail", "admin keyset"},
		"not at Google":     {func(s *mailboxes.Service) { s.Keys = must(secrets.New())(t) }, "gmail", "SWITCHBOARD_GOOGLE_CLIENT_ID"},
		"not at Microsoft":  {func(s *mailboxes.Service) { s.Keys = must(secrets.New())(t) }, "office365", "SWITCHBOARD_MICROSOFT_CLIENT_ID"},
		"no keys, password": {func(*mailboxes.Service) {}, "imap", "admin keyset"},
	} {
		w := newWorld(t, func(o *api.Options) { c.service(o.Mailboxes) })
		_, connect := w.email(t)
		server := object{"host": "127.0.0.1", "port": 1, "tls": "none"}
		problem := w.call(t, w.admin, "POST", connect, object{
			"provider": c.provider, "address": "support@company.test", "imap": server, "smtp": server,
		}).wantProblem(http.StatusConflict, "provider_not_set_up", "")
		if remedy, _ := problem["remedy"].(string); !strings.Contains(remedy, c.remedy) {
			t.Errorf("%s: remedy %q", name, remedy)
		}
	}
}

func TestOnlyAdminsConnectAndOnlyEmail(t *testing.T) {
	t.Parallel()
	w := connecting(t)
	_, connect := w.email(t)
	for _, method := range []string{"POST", "DELETE"} {
		w.call(t, w.agent, method, connect, nil).wantProblem(http.StatusForbidden, "forbidden", "")
		w.call(t, w.admin, method, "/api/v1/channels/"+w.channel.ID+"/connect", nil).
			wantProblem(http.StatusConflict, "nothing_to_connect", "")
	}
	w.call(t, w.admin, "POST", connect, nil).wantProblem(http.StatusUnprocessableEntity, "invalid", "provider")
	w.call(t, w.admin, "POST", connect, object{"provider": "imap", "address": "support@company.test"}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "imap")
}

func TestConsentsAreLimitedPerAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.PublicRate, o.PublicBurst = 0.001, 1 })
	w.comesBack(t, "")
	w.comesBack(t, "").wantProblem(http.StatusTooManyRequests, "rate_limited", "")
}

// servers are an IMAP and an SMTP server on this machine that know one user.
func servers(t *testing.T) (imapPort, smtpPort int) {
	t.Helper()
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("support", "secret")
	check(t, user.Create("INBOX", nil))
	memory.AddUser(user)
	reading := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true,
	})
	sending := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return nil, nil }))
	port := func(serve func(net.Listener) error, stop func() error) int {
		listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		go func() { _ = serve(listener) }()
		t.Cleanup(func() { _ = stop() })
		return listener.Addr().(*net.TCPAddr).Port
	}
	return port(reading.Serve, reading.Close), port(sending.Serve, sending.Close)
}

func TestAMailboxWithAPasswordIsTriedBeforeItIsConnected(t *testing.T) {
	t.Parallel()
	w := connecting(t)
	id, connect := w.email(t)
	imapPort, smtpPort := servers(t)
	body := func(password string, imapPort, smtpPort int) object {
		return object{
			"provider": "imap", "address": "Support@company.test",
			"imap": object{"host": "127.0.0.1", "port": imapPort, "tls": "none", "username": "support", "password": password},
			"smtp": object{"host": "127.0.0.1", "port": smtpPort, "tls": "none"},
		}
	}
	const nobody = 1 // listens at this port
	w.call(t, w.admin, "POST", connect, body("wrong", imapPort, smtpPort)).wantProblem(http.StatusUnprocessableEntity, "login_rejected", "imap.password")
	w.call(t, w.admin, "POST", connect, body("secret", nobody, smtpPort)).wantProblem(http.StatusUnprocessableEntity, "invalid", "imap.host")
	w.call(t, w.admin, "POST", connect, body("secret", imapPort, nobody)).wantProblem(http.StatusUnprocessableEntity, "invalid", "smtp.host")
	w.call(t, w.admin, "POST", connect, object{
		"provider": "imap", "address": "support@company.test",
		"imap": object{"host": "mail.company.test", "port": 143, "tls": "none", "username": "a", "password": "b"},
		"smtp": object{"host": "mail.company.test", "port": 25, "tls": "none"},
	}).wantProblem(http.StatusUnprocessableEntity, "invalid", "imap.tls")
	if len(w.readers.heard()) > 0 {
		t.Error("a mailbox is read that does not let us in")
	}
	connected := w.call(t, w.admin, "POST", connect, body("secret", imapPort, smtpPort)).want(http.StatusCreated).object()
	if connected["connection"].(object)["address"] != "support@company.test" || strings.Contains(w.log.String(), "secret") {
		t.Errorf("connected as %v", connected)
	}
	if told := w.readers.heard(); len(told) != 1 || told[0] != id {
		t.Errorf("readers heard of %v", told)
	}
	stored := must(w.store.Mailbox(t.Context(), id))(t)
	if strings.Contains(string(stored.Credentials), "secret") || time.Since(stored.ConnectedAt) > time.Hour {
		t.Errorf("stored as %+v", stored)
	}
	w.call(t, w.admin, "DELETE", "/api/v1/channels/"+id, nil).want(http.StatusNoContent)
	if told := w.readers.heard(); len(told) != 1 {
		t.Errorf("readers heard of %v", told)
	}
}

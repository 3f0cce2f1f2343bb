package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/channels/email/oauth"
	"switchboard/test/standins/emulate"
	"switchboard/test/standins/fakegraph"
)

// remoteMailbox is a mailbox at a provider, as its owner sees it.
type remoteMailbox interface {
	// Deliver puts a message into the inbox.
	Deliver(raw []byte) string
	// Left are the messages that were sent.
	Left() [][]byte
}

type graphMailbox struct{ *fakegraph.Server }

func (m graphMailbox) Left() (left [][]byte) {
	for _, message := range m.Sent() {
		left = append(left, message.Raw)
	}
	return left
}

func TestMailboxesAreConnectedReadAndAnsweredFrom(t *testing.T) {
	const gmailAddress = "team@gmail." + personal + ".test"
	address := freeAddress(t)
	application := func(provider string) oauth.Application {
		return oauth.Application{
			ClientID: "switchboard", ClientSecret: "secret", RedirectURL: "http://" + address + "/oauth/" + provider + "/callback",
		}
	}
	google := emulate.Start(t, "google", emulate.Seed(application("gmail"), gmailAddress))
	entra, graph, microsoft := office365(t, application("office365"))
	d := startDevAt(t, address, t.TempDir(), append(microsoft,
		"SWITCHBOARD_MAILBOX_POLL=1s",
		"SWITCHBOARD_GOOGLE_CLIENT_ID=switchboard", "SWITCHBOARD_GOOGLE_CLIENT_SECRET=secret",
		"SWITCHBOARD_GOOGLE_AUTH_URL="+google.URL+"/o/oauth2/v2/auth",
		"SWITCHBOARD_GOOGLE_TOKEN_URL="+google.URL+"/oauth2/token", "SWITCHBOARD_GOOGLE_API_URL="+google.URL,
	)...)
	t.Run("Gmail", func(t *testing.T) {
		account := google.Account(t, application("gmail"), gmailAddress)
		d.converseThrough(t, "gmail", google, gmailAddress, account)
	})
	t.Run("Office 365", func(t *testing.T) {
		d.converseThrough(t, "office365", entra, fakegraph.Address, graphMailbox{graph})
	})
}

// TestNewMailIsReadAtOnceWhenGraphTells: the next look would be in an hour.
func TestNewMailIsReadAtOnceWhenGraphTells(t *testing.T) {
	api := freeAddress(t)
	// Graph tells https addresses alone.
	public := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: api}))
	t.Cleanup(public.Close)
	entra, graph, microsoft := office365(t, oauth.Application{
		ClientID: "switchboard", ClientSecret: "secret", RedirectURL: public.URL + "/oauth/office365/callback",
	})
	graph.TellWith(public.Client())
	d := startDevAt(t, api, t.TempDir(), append(microsoft, "SWITCHBOARD_MAILBOX_POLL=1h", "SWITCHBOARD_PUBLIC_URL="+public.URL)...)
	o := d.newOffice(t, "told", 1)
	channel := o.email(t, o.teamRule())
	consent := change[contract.MailboxConsent](t, d.admin, 200, "POST", "/api/v1/channels/"+channel.ID+"/connect",
		settings{"provider": "office365"})
	back := strings.Replace(entra.Consent(t, consent.AuthorizationURL, fakegraph.Address), public.URL, "http://"+api, 1)
	if status, page := plain(t, back); status != 200 {
		t.Fatalf("the way back from the provider: %d %s", status, page)
	}
	eventually(t, func() error {
		if known := graph.Subscriptions(); len(known) != 1 {
			return fmt.Errorf("%d subscriptions", len(known))
		}
		return nil
	})
	for i := range 3 {
		graph.Deliver(fmt.Appendf(nil, "From: <%s>\r\nSubject: A lamp %s\r\nMessage-ID: <%d@%s.test>\r\n\r\nIt flickers %s.\r\n",
			address("told"), personal, i, personal, personal))
		told := time.Now()
		eventually(t, func() error {
			if len(d.conversations(t, channel)) > i {
				return nil
			}
			if time.Since(told) > 10*time.Second { // Temporal took too long to hear of it
				graph.Repeat()
				told = time.Now()
			}
			return fmt.Errorf("mail %d is not read", i)
		})
	}
	d.awaitRouted(t, channel, 3)
	d.admin.must(t, 204, withJSON("DELETE", "/api/v1/channels/"+channel.ID+"/connect", nil))
	if known := graph.Subscriptions(); len(known) != 0 {
		t.Errorf("%d subscriptions are left", len(known))
	}
}

// office365 starts what stands for Entra and Graph, and returns the settings that
// lead to them.
func office365(t *testing.T, application oauth.Application) (*emulate.Server, *fakegraph.Server, []string) {
	t.Helper()
	entra := emulate.Start(t, "microsoft", emulate.Seed(application, fakegraph.Address))
	// The stand-in knows no directories.
	entra.Intercept(func(w http.ResponseWriter, r *http.Request, standin http.Handler) {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/organizations")
		standin.ServeHTTP(w, r)
	})
	graph := fakegraph.Start(t)
	graph.Accept(func(token string) bool { return knows(t, entra, token) })
	return entra, graph, []string{
		"SWITCHBOARD_MICROSOFT_CLIENT_ID=switchboard", "SWITCHBOARD_MICROSOFT_CLIENT_SECRET=secret",
		"SWITCHBOARD_MICROSOFT_LOGIN_URL=" + entra.URL, "SWITCHBOARD_MICROSOFT_GRAPH_URL=" + graph.URL,
	}
}

// converseThrough connects a channel as an admin does, has a contact write to the
// mailbox, an agent answer, and the contact answer that.
func (s *system) converseThrough(t *testing.T, provider string, login *emulate.Server, owner string, box remoteMailbox) {
	t.Helper()
	o := s.newOffice(t, provider, 1)
	ada := o.agents[0]
	channel := o.email(t, o.teamRule())
	consent := change[contract.MailboxConsent](t, s.admin, 200, "POST", "/api/v1/channels/"+channel.ID+"/connect",
		settings{"provider": provider})
	if status, page := plain(t, login.Consent(t, consent.AuthorizationURL, owner)); status != 200 {
		t.Fatalf("the way back from the provider: %d %s", status, page)
	}
	connected := get[contract.Channel](t, s.admin, "/api/v1/channels/"+channel.ID)
	if connected.State != "connected" || connected.Connection == nil || connected.Connection.Address != owner {
		t.Fatalf("not connected: %+v", connected)
	}

	write := func(id, more string) {
		box.Deliver(fmt.Appendf(nil, "From: Grace %[1]s <%[2]s>\r\nTo: %[3]s\r\nSubject: A lamp %[1]s\r\nMessage-ID: <%[4]s@%[1]s.test>\r\n%[5]s\r\nIt flickers %[1]s.\r\n",
			personal, address("grace-"+provider), owner, id, more))
	}
	write("lamp-"+provider, "")
	id := s.awaitRouted(t, channel, 1)[0].ID
	if conversation := s.awaitTicket(t, id); !is(conversation.AssigneeID, ada.ID) {
		t.Errorf("not assigned to who is here: %+v", conversation)
	}

	s.awaitState(t, id, s.reply(t, ada, id, "reply").ID, "sent")
	left := box.Left()
	if len(left) != 1 {
		t.Fatalf("one answer is %d mails", len(left))
	}
	answer, err := mail.ReadMessage(bytes.NewReader(left[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("In-Reply-To"); got != "<lamp-"+provider+"@"+personal+".test>" {
		t.Errorf("in reply to %q", got)
	}
	if !strings.Contains(answer.Header.Get("From"), owner) || !strings.Contains(answer.Header.Get("To"), address("grace-"+provider)) {
		t.Errorf("from %s to %s", answer.Header.Get("From"), answer.Header.Get("To"))
	}

	write("thanks-"+provider, "In-Reply-To: "+answer.Header.Get("Message-ID")+"\r\n")
	eventually(t, func() error {
		if messages := s.messages(t, id); len(messages) != 3 {
			return fmt.Errorf("%d messages", len(messages))
		}
		return nil
	})
	if found := s.conversations(t, channel); len(found) != 1 {
		t.Errorf("%d conversations", len(found))
	}
}

// knows reports whether the provider gave out the token.
func knows(t *testing.T, provider *emulate.Server, token string) bool {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, provider.URL+"/v1.0/me", nil)
	if err != nil {
		t.Error(err)
		return false
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false // Switchboard, which is stopped later, asks once more
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

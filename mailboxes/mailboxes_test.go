package mailboxes_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/mailboxes"
	"switchboard/secrets"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/test/standins/emulate"
	"switchboard/test/standins/fakegraph"
)

const callback = "https://desk.example.com/oauth/callback"

var application = oauth.Application{ClientID: "switchboard", ClientSecret: "secret", RedirectURL: callback}

// world is a service over a fresh store with an e-mail channel and an admin.
type world struct {
	*mailboxes.Service
	channel inbox.Channel
	admin   inbox.Agent
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	s := storetest.SQLite(t)
	keys, err := secrets.New()
	require.NoError(t, err)
	in, err := s.CreateInbox(ctx, inbox.Inbox{Name: "Support"})
	require.NoError(t, err)
	w := &world{Service: &mailboxes.Service{
		Store: s, Keys: keys, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().UTC() },
	}}
	w.channel, err = s.CreateChannel(ctx, inbox.Channel{
		InboxID: in.ID, Kind: inbox.KindEmail, Name: "Support", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	})
	require.NoError(t, err)
	w.admin, err = s.CreateAgent(ctx, inbox.Agent{Name: "Ada", Email: "ada@company.test", Admin: true})
	require.NoError(t, err)
	return w
}

// stored is the channel's mailbox as it is now.
func (w *world) stored(t *testing.T) store.Mailbox {
	t.Helper()
	found, err := w.Store.Mailbox(t.Context(), w.channel.ID)
	require.NoError(t, err)
	return found
}

// address is that of the stand-ins' one mailbox.
const address = fakegraph.Address

// consents connects the channel as a person at the provider's page does.
func (w *world) consents(t *testing.T, server *emulate.Server, provider inbox.Provider) {
	t.Helper()
	page, until, err := w.AskConsent(t.Context(), w.channel.ID, w.admin.ID, provider)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(10*time.Minute), until, time.Minute)
	back, err := url.Parse(server.Consent(t, page, address))
	require.NoError(t, err)
	state, code := back.Query().Get("state"), back.Query().Get("code")
	channel, err := w.TakeConsent(t.Context(), provider, state, code, "")
	require.NoError(t, err)
	require.Equal(t, address, channel.Account)
	require.Equal(t, provider, channel.Provider)
	_, err = w.TakeConsent(t.Context(), provider, state, code, "")
	require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err), "the state served twice")
}

func TestAStateBelongsToItsProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Google, w.Microsoft = oauth.Google(application, oauth.GoogleURLs{}), oauth.Microsoft(application, oauth.MicrosoftURLs{})
	page, _, err := w.AskConsent(t.Context(), w.channel.ID, w.admin.ID, inbox.ProviderGmail)
	require.NoError(t, err)
	parsed, err := url.Parse(page)
	require.NoError(t, err)
	_, err = w.TakeConsent(t.Context(), inbox.ProviderOffice365, parsed.Query().Get("state"), "code", "")
	require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err))
}

// rotating is a provider that gives a new refresh token each time and takes only
// the last one, like Entra may; every access token expires at once.
type rotating struct {
	mu        sync.Mutex
	last      string
	refreshes atomic.Int32
	revoked   atomic.Bool
	// lifetime is the next token's, later the following ones', in seconds.
	lifetime, later int
}

func (r *rotating) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if request.URL.Path == "/gmail/v1/users/me/profile" {
		_, _ = fmt.Fprint(w, `{"emailAddress":"support@company.test","historyId":"1"}`)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.FormValue("grant_type") == "refresh_token" && (r.revoked.Load() || request.FormValue("refresh_token") != r.last) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	count := r.refreshes.Add(1)
	r.last = fmt.Sprintf("refresh-%d", count)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": fmt.Sprintf("access-%d", count), "refresh_token": r.last, "expires_in": r.lifetime,
		"scope": "https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send",
	})
	r.lifetime = r.later
}

// rotates connects the channel to a rotating provider with a token that has
// expired already.
func (w *world) rotates(t *testing.T) *rotating {
	t.Helper()
	provider := &rotating{lifetime: 1, later: 3600}
	server := httptest.NewServer(provider)
	t.Cleanup(server.Close)
	w.GmailURL = "nowhere" // connecting looks for the first time: the token has to be left for the test
	w.Google = oauth.Google(application, oauth.GoogleURLs{Auth: server.URL, Token: server.URL + "/token", API: server.URL})
	page, _, err := w.AskConsent(t.Context(), w.channel.ID, w.admin.ID, inbox.ProviderGmail)
	require.NoError(t, err)
	parsed, err := url.Parse(page)
	require.NoError(t, err)
	_, err = w.TakeConsent(t.Context(), inbox.ProviderGmail, parsed.Query().Get("state"), "code", "")
	require.NoError(t, err)
	w.GmailURL = server.URL
	return provider
}

// reads opens the mailbox as it was loaded and asks for its cursor.
func (w *world) reads(t *testing.T, loaded store.Mailbox) error {
	t.Helper()
	client, err := w.Open(t.Context(), loaded)
	require.NoError(t, err)
	_, err = client.Read(t.Context(), "")
	return err
}

func TestARefreshedTokenIsKeptForTheNextTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := w.rotates(t)
	before := w.stored(t)
	require.NoError(t, w.reads(t, before))
	require.EqualValues(t, 2, provider.refreshes.Load())
	after := w.stored(t)
	require.Greater(t, after.Version, before.Version)
	require.NoError(t, w.reads(t, after))
	require.EqualValues(t, 2, provider.refreshes.Load(), "the kept token was not used")
}

func TestAProcessWhoseTokenAnotherOneReplacedGoesOnWithThat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := w.rotates(t)
	before := w.stored(t)
	require.NoError(t, w.reads(t, before))
	// Its refresh token is the last one but one now.
	require.NoError(t, w.reads(t, before))
	require.EqualValues(t, 2, provider.refreshes.Load())
}

func TestManyProcessesAtOnceKeepOneTokenThatWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rotates(t)
	before := w.stored(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			// Between another one's refresh and its saving there is no token that
			// works; the next look finds one.
			_ = w.reads(t, before)
		})
	}
	all.Wait()
	require.NoError(t, w.reads(t, w.stored(t)))
}

func TestAProviderIsNotAskedForEverForATokenThatLasts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := w.rotates(t)
	provider.lifetime, provider.later = 1, 1
	require.ErrorContains(t, w.reads(t, w.stored(t)), "expire at once")
	require.LessOrEqual(t, provider.refreshes.Load(), int32(5))
}

func TestAPermissionThatWasTakenBackIsRejected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rotates(t).revoked.Store(true)
	loaded := w.stored(t)
	require.ErrorIs(t, w.reads(t, loaded), mailbox.ErrRejected)
	require.NoError(t, w.Store.RejectMailbox(t.Context(), loaded, time.Now()))
	_, err := w.SenderFor(t.Context(), w.channel.ID)
	require.ErrorIs(t, err, mailbox.ErrRejected)
}

func TestAChannelWithoutAMailboxSendsBySMTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sender, err := w.SenderFor(t.Context(), w.channel.ID)
	require.NoError(t, err)
	require.Nil(t, sender)
}

func TestCredentialsDoNotOpenAnotherChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rotates(t)
	moved := w.stored(t)
	moved.ChannelID = "another"
	_, err := w.Open(t.Context(), moved)
	require.ErrorIs(t, err, secrets.ErrUnreadable)
}

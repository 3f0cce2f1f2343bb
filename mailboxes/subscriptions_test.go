package mailboxes_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/test/standins/emulate"
	"switchboard/test/standins/fakegraph"
)

// subscribable is a world whose channel is connected to an Office 365 mailbox, and
// that Graph can tell of new mail.
func subscribable(t *testing.T) (*world, *fakegraph.Server) {
	t.Helper()
	w := newWorld(t)
	login, graph := emulate.Start(t, "microsoft", emulate.Seed(application, address)), fakegraph.Start(t)
	graph.Accept(func(string) bool { return true })
	us := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := r.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte(token))
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(us.Close)
	graph.TellWith(us.Client())
	w.GraphURL, w.NotifyURL = graph.URL, us.URL
	w.Microsoft = oauth.Microsoft(application, oauth.MicrosoftURLs{Login: login.URL, API: graph.URL})
	w.consents(t, login, inbox.ProviderOffice365)
	return w, graph
}

// look reads the channel's mailbox once.
func (w *world) look(t *testing.T) {
	t.Helper()
	steps, _ := w.steps()
	looks(t, steps, w.channel.ID)
}

func TestASubscriptionIsMadeOnceAndRenewedLongBeforeItEnds(t *testing.T) {
	t.Parallel()
	w, graph := subscribable(t)
	w.look(t)
	first := w.stored(t).Subscription
	require.Len(t, graph.Subscriptions(), 1)
	made := graph.Subscriptions()[0]
	require.Equal(t, made.ID, first.ID)
	require.WithinDuration(t, time.Now().Add(4190*time.Minute), made.Until, time.Minute)
	require.Greater(t, made.Until.Sub(first.RenewAt), 24*time.Hour)

	w.look(t)
	require.Equal(t, first, w.stored(t).Subscription, "nothing was to be done")

	require.NoError(t, w.Store.SaveSubscription(t.Context(), w.stored(t), store.Subscription{
		ID: first.ID, Key: first.Key, RenewAt: time.Now().Add(-time.Second).UTC(),
	}))
	w.look(t)
	renewed := w.stored(t).Subscription
	require.Equal(t, first.ID, renewed.ID)
	require.Equal(t, first.Key, renewed.Key)
	require.True(t, renewed.RenewAt.After(time.Now().Add(24*time.Hour)))
	require.Len(t, graph.Subscriptions(), 1)
}

func TestOnlyASubscriptionsSecretIsBelieved(t *testing.T) {
	t.Parallel()
	w, graph := subscribable(t)
	w.look(t)
	made := graph.Subscriptions()[0]
	found, err := w.Notified(t.Context(), made.ID, made.ClientState, false)
	require.NoError(t, err)
	require.Equal(t, w.channel.ID, found.ChannelID)
	for _, guess := range [][2]string{
		{made.ID, ""}, {made.ID, "guess"}, {"", made.ClientState}, {"another", made.ClientState}, {"", ""},
		{made.ID, w.stored(t).Subscription.Key},
	} {
		_, err := w.Notified(t.Context(), guess[0], guess[1], false)
		require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err), guess)
	}
}

func TestASubscriptionThatTheProviderEndedIsMadeAgain(t *testing.T) {
	t.Parallel()
	w, graph := subscribable(t)
	w.look(t)
	made := graph.Subscriptions()[0]
	graph.Unsubscribe()
	_, err := w.Notified(t.Context(), made.ID, made.ClientState, true)
	require.NoError(t, err)
	w.look(t)
	require.Len(t, graph.Subscriptions(), 1)
	again := graph.Subscriptions()[0]
	require.NotEqual(t, made.ID, again.ID)
	_, err = w.Notified(t.Context(), again.ID, again.ClientState, false)
	require.NoError(t, err, "the new one's secret is not known")
	require.ErrorIs(t, w.Store.Resubscribe(t.Context(), w.channel.ID, made.ID), store.ErrMailboxChanged, "what the old one says comes too late")
}

func TestAProviderThatDoesNotTellIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	w, graph := subscribable(t)
	graph.Once("/subscriptions", fakegraph.Fail(http.StatusForbidden, "ExtensionError"))
	w.look(t)
	require.Empty(t, graph.Subscriptions())
	require.Empty(t, w.stored(t).Problem)
	require.WithinDuration(t, time.Now().Add(time.Hour), w.stored(t).Subscription.RenewAt, time.Minute)
	w.look(t)
	require.Empty(t, graph.Subscriptions(), "it is asked at once")
}

func TestADisconnectedMailboxIsToldOfNoMore(t *testing.T) {
	t.Parallel()
	w, graph := subscribable(t)
	w.look(t)
	made := graph.Subscriptions()[0]
	require.NoError(t, w.Disconnect(t.Context(), w.channel.ID))
	require.Empty(t, graph.Subscriptions())
	_, err := w.Notified(t.Context(), made.ID, made.ClientState, false)
	require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err))
	require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(w.Disconnect(t.Context(), w.channel.ID)))
}

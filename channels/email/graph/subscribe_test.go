package graph_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/mailbox"
	"switchboard/test/standins/fakegraph"
)

// told is an address that Graph may tell: it answers its question, and remembers
// what it was told.
func told(t *testing.T, server *fakegraph.Server) (address string, heard chan string) {
	t.Helper()
	heard = make(chan string, 10)
	us := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := r.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte(token))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		heard <- string(body)
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(us.Close)
	server.TellWith(us.Client())
	return us.URL, heard
}

func TestGraphTellsOfNewMailUntilItIsAskedToStop(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	address, heard := told(t, server)
	client := open(t, server)
	wish := mailbox.Subscription{URL: address, Secret: "secret", Until: time.Now().Add(4190 * time.Minute)}
	made, err := client.Subscribe(t.Context(), wish)
	require.NoError(t, err)
	require.NotEmpty(t, made.ID)
	require.WithinDuration(t, wish.Until, made.Until, time.Second)
	server.Deliver([]byte("Subject: Lamp\r\n\r\nIt flickers.\r\n"))
	require.Contains(t, <-heard, `"clientState":"secret"`)

	moved := address + "/moved"
	renewed, err := client.Subscribe(t.Context(), mailbox.Subscription{
		ID: made.ID, URL: moved, Secret: "another", Until: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	require.Equal(t, made.ID, renewed.ID)
	require.Len(t, server.Subscriptions(), 1)
	require.Equal(t, "secret", server.Subscriptions()[0].ClientState, "the secret stays")
	require.WithinDuration(t, time.Now().Add(time.Hour), server.Subscriptions()[0].Until, time.Minute)
	require.Equal(t, moved, server.Subscriptions()[0].URL, "our address has changed")

	require.NoError(t, client.Unsubscribe(t.Context(), made.ID))
	require.Empty(t, server.Subscriptions())
	require.NoError(t, client.Unsubscribe(t.Context(), made.ID), "it had ended")
}

func TestASubscriptionThatEndedIsMadeAnew(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	address, _ := told(t, server)
	wish := mailbox.Subscription{ID: "long ago", URL: address, Secret: "secret", Until: time.Now().Add(time.Hour)}
	made, err := open(t, server).Subscribe(t.Context(), wish)
	require.NoError(t, err)
	require.NotEqual(t, wish.ID, made.ID)
	require.Equal(t, made.ID, server.Subscriptions()[0].ID)
}

func TestAnAddressThatDoesNotAnswerIsNotSubscribed(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	us := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(us.Close)
	server.TellWith(us.Client())
	_, err := open(t, server).Subscribe(t.Context(), mailbox.Subscription{URL: us.URL, Secret: "secret", Until: time.Now().Add(time.Hour)})
	require.Error(t, err)
	require.Empty(t, server.Subscriptions())
}

package activities_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels/messenger"
	"switchboard/channels/remote"
	"switchboard/inbox"
	"switchboard/store"
)

// sendsByMessenger receives a message with a file that is on a server of ours.
func (w *world) sendsByMessenger(trusted bool) (ref inbox.EpisodeRef, messageID string) {
	storage := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		_, _ = answer.Write([]byte("\x89PNG\r\n\x1a\nwith pixels"))
	}))
	w.t.Cleanup(storage.Close)
	kind := &messenger.Channel{Files: remote.New(nil)}
	if trusted {
		kind.Files = remote.New([]string{storage.URL + "/v26.0"})
	}
	w.Kinds[inbox.KindMessenger] = kind
	receipt := w.writes(w.channel(inbox.KindMessenger), "100:200", func(in *store.Inbound) {
		in.Remote = []inbox.RemoteFile{{URL: storage.URL + "/lamp.png?signed=1", ContentType: "image"}}
	})
	return refOf(receipt), receipt.MessageID
}

func TestWhatSomebodySendsByMessengerIsKept(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, messageID := w.sendsByMessenger(true)
		require.Equal(t, []activities.Fetching{{MessageID: messageID, Queue: activities.MessengerQueue}}, w.takes(ref, messageID).Fetching)
		require.NoError(t, w.FetchFiles(t.Context(), messageID))
		message := w.message(messageID)
		require.Empty(t, message.Remote)
		require.Len(t, message.Attachments, 1)
		require.Equal(t, "lamp.png", message.Attachments[0].Name)
		require.Equal(t, "image/png", message.Attachments[0].ContentType)
	})
}

func TestAMessengerMessageReachesNothingOfOurNetwork(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, messageID := w.sendsByMessenger(false)
		require.NoError(t, w.FetchFiles(t.Context(), messageID))
		require.Empty(t, w.message(messageID).Attachments)
		require.Equal(t, 1, w.count(ref, inbox.EventFileLost))
	})
}

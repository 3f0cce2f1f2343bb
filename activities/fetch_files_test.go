package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// storage is a provider that keeps contacts' files: an error for a URL, or the
// file.
type storage struct {
	*provider
	errors map[string]error
	asked  []string
}

func (s *storage) Fetch(_ context.Context, _ inbox.Channel, file inbox.RemoteFile) (channels.File, error) {
	s.asked = append(s.asked, file.URL)
	if err := s.errors[file.URL]; err != nil {
		return channels.File{}, err
	}
	return channels.File{Name: file.URL, ContentType: "image/png", Data: []byte(file.URL)}, nil
}

func (*storage) FetchQueue(inbox.Channel) string { return "files" }

// sendsFiles receives a message with files and returns it with its provider.
func (w *world) sendsFiles(urls ...string) (inbox.EpisodeRef, string, *storage) {
	files := &storage{provider: w.provider, errors: map[string]error{}}
	w.Kinds[inbox.KindMessenger] = files
	receipt := w.writes(w.channel(inbox.KindMessenger), "thread", func(in *store.Inbound) {
		for _, url := range urls {
			in.Remote = append(in.Remote, inbox.RemoteFile{URL: url})
		}
	})
	return refOf(receipt), receipt.MessageID, files
}

func TestFilesThatCameStayWhileOthersAreTriedAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, messageID, files := w.sendsFiles("a", "b", "c")
		files.errors["b"] = &channels.SendError{Code: inbox.CodeFileUnavailable, Outcome: channels.Retry, RetryAfter: time.Minute, Err: errors.New("busy")}
		err := w.FetchFiles(t.Context(), messageID)
		wantRetry(t, err)
		failure, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		require.Equal(t, time.Minute, failure.NextRetryDelay())
		require.Len(t, w.message(messageID).Attachments, 2)
		require.Equal(t, []inbox.RemoteFile{{URL: "b"}}, w.message(messageID).Remote)

		delete(files.errors, "b")
		for range 2 {
			require.NoError(t, w.FetchFiles(t.Context(), messageID))
		}
		require.Equal(t, []string{"a", "b", "c", "b"}, files.asked)
		require.Len(t, w.message(messageID).Attachments, 3)
		require.Empty(t, w.message(messageID).Remote)
		require.Equal(t, 3, w.count(ref, inbox.EventFileFetched))
	})
}

func TestAFileThatIsGoneIsNotedAndKeepsNothingBack(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, messageID, files := w.sendsFiles("gone", "large", "here")
		files.errors["gone"] = &channels.SendError{Code: inbox.CodeFileUnavailable, Outcome: channels.Final, Err: errors.New("404")}
		files.errors["large"] = &channels.SendError{Code: inbox.CodeFileTooLarge, Outcome: channels.Final, Err: errors.New("1 GB")}
		require.NoError(t, w.FetchFiles(t.Context(), messageID))
		require.Len(t, w.message(messageID).Attachments, 1)
		require.Empty(t, w.message(messageID).Remote)
		require.Equal(t, 2, w.count(ref, inbox.EventFileLost))
	})
}

func TestFilesAreGivenUpWithTheirProviderOrChannel(t *testing.T) {
	for name, end := range map[string]func(*world, string) error{
		"the provider was away for too long": func(w *world, id string) error { return w.LoseFiles(w.t.Context(), id) },
		"the kind fetches none": func(w *world, id string) error {
			w.Kinds[inbox.KindMessenger] = w.provider
			return w.FetchFiles(w.t.Context(), id)
		},
		"the channel is gone": func(w *world, id string) error {
			require.NoError(w.t, w.Store.DeleteChannel(w.t.Context(), w.message(id).ChannelID))
			return w.FetchFiles(w.t.Context(), id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				ref, messageID, _ := w.sendsFiles("a", "b")
				require.NoError(t, end(w, messageID))
				require.Empty(t, w.message(messageID).Remote)
				require.Empty(t, w.message(messageID).Attachments)
				require.Equal(t, 2, w.count(ref, inbox.EventFileLost))
			})
		})
	}
}

func TestTheWorkflowHearsWhatIsToBeFetched(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, messageID, _ := w.sendsFiles("a")
		want := []activities.Fetching{{MessageID: messageID, Queue: "files"}}
		require.Equal(t, want, must(w.ResolveContact(t.Context(), ref))(t).Fetching)
		require.Equal(t, want, w.takes(ref, messageID).Fetching)
		require.NoError(t, w.FetchFiles(t.Context(), messageID))
		require.Empty(t, w.takes(ref, messageID).Fetching)
	})
}

package intake_test

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/test/standins/corpus"
)

// TestEveryMailOfTheCorpusIsAMessageOrInQuarantine: none is lost, and none is there
// twice. Each comes into an inbox of its own, so that none joins another's thread.
func TestEveryMailOfTheCorpusIsAMessageOrInQuarantine(t *testing.T) {
	t.Parallel()
	dir := corpus.Dir(t, "mail")
	s := storetest.SQLite(t)
	service := intake.New(s, &conversations{}, slog.New(slog.DiscardHandler))
	w := &mailWorld{&world{Service: service, t: t, store: s}, service.Mail(domain)}
	quarantined, messages := 0, 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		own := must(s.CreateInbox(t.Context(), inbox.Inbox{Name: entry.Name()}))(t)
		w.channel = w.mailChannel(own.ID, store.NewID()+"@acme.example")
		for range 2 { // the second time as a server does that missed our answer
			w.takes(string(raw))
		}
		list, _, err := s.Conversations(t.Context(), store.ConversationFilter{InboxID: own.ID}, store.Page{})
		require.NoError(t, err)
		aside := len(w.asideOf(w.channel.ID))
		here := 0
		for _, c := range list {
			here += len(w.messages(c.ID))
		}
		if here+aside != 1 {
			t.Errorf("%s: %d messages, %d in quarantine", path, here, aside)
		}
		messages, quarantined = messages+here, quarantined+aside
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, messages+quarantined, 105)
	require.Greater(t, messages, quarantined, "most are people's")
}

// asideOf are the items in quarantine that came into a channel.
func (w *mailWorld) asideOf(channelID string) (items []store.QuarantineItem) {
	w.t.Helper()
	for cursor := ""; ; {
		list, next, err := w.store.Quarantined(w.t.Context(), store.Page{Cursor: cursor})
		require.NoError(w.t, err)
		for _, item := range list {
			if item.ChannelID == channelID {
				items = append(items, item)
			}
		}
		if next == "" {
			return items
		}
		cursor = next
	}
}

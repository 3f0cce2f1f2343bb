package intake_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/inbox"
	"switchboard/secrets"
	"switchboard/store"
)

// asksConsent makes the page ask for explicit consent.
func (f *facebook) asksConsent(t *testing.T) {
	t.Helper()
	f.Holding(map[inbox.ChannelKind]channels.Kind{inbox.KindMessenger: &messenger.Channel{}}, must(secrets.New())(t))
	f.page.Settings = must((&messenger.Channel{}).CheckSettings(json.RawMessage(`{"consent":{"mode":"explicit","text":"We keep it."}}`)))(t)
	f.page = must(f.store.UpdateChannel(t.Context(), f.page))(t)
}

func TestAMessengerMessageIsHeldBackUntilItsContactAgrees(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.asksConsent(t)
		f.delivers(t, text("7", "m1", longAgo))
		c := f.conversationOf(t, "7")
		require.True(t, c.AwaitsConsent)
		said := f.said(t, c.ID)
		require.Len(t, said, 1)
		require.Equal(t, inbox.MessageHeld, said[0].State)
		require.Empty(t, said[0].Text)
		f.delivers(t, text("7", "m1", longAgo))
		require.Len(t, f.said(t, c.ID), 1, "the same again")
	})
}

func TestQuarantineKeepsNothingThatNobodyAgreedTo(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.asksConsent(t)
		f.delivers(t, item("7", longAgo, `"something_new":{"text":"zanzibar"}`))
		items, _, err := f.store.Quarantined(t.Context(), store.Page{})
		require.NoError(t, err)
		require.Len(t, items, 1)
		require.Empty(t, must(f.store.QuarantineItem(t.Context(), items[0].ID))(t).Raw)
	})
}

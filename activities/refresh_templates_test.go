package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

func TestTemplatesAreKeptAndTheEarlierOnesStayWhenTwilioDoesNotTell(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, _ := w.byWhatsApp()
		refresh := func() inbox.TemplateList {
			_, err := w.worker().ExecuteActivity(w.RefreshTemplates, inbox.KindWhatsApp)
			require.NoError(t, err)
			return must(w.Store.TemplateList(t.Context(), inbox.KindWhatsApp))(t)
		}
		server.Approve("HX00000000000000000000000000000001", "Hello {{1}}")
		first := refresh()
		require.Len(t, first.Templates, 1)
		require.WithinDuration(t, w.now, first.FetchedAt, time.Millisecond)

		server.Fail(faketwilio.Fault{Status: 401, Code: 20003})
		second := refresh()
		require.Equal(t, first.Templates, second.Templates)
		require.Equal(t, inbox.CodeProviderNotSetUp, second.Failure)
		require.Empty(t, refresh().Failure)
	})
}

func TestTheSweepRefreshesTemplatesThatAreDue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, _ := w.byWhatsApp()
		started := &readers{}
		w.Readers, w.Sweeper = started, nothing{}
		starts := func() int {
			*started = nil
			_, err := w.worker().ExecuteActivity(w.Sweep)
			require.NoError(t, err)
			return len(*started)
		}
		require.Equal(t, 1, starts())
		require.Equal(t, readers{"templates of whatsapp on whatsapp"}, *started)
		refresh := func() {
			_, err := w.worker().ExecuteActivity(w.RefreshTemplates, inbox.KindWhatsApp)
			require.NoError(t, err)
		}
		refresh()
		require.Zero(t, starts())
		w.now = w.now.Add(10 * time.Minute)
		require.Equal(t, 1, starts(), "after ten minutes")
		server.Fail(faketwilio.Fault{Status: 500})
		refresh()
		require.Zero(t, starts())
		w.now = w.now.Add(time.Minute)
		require.Equal(t, 1, starts(), "a minute after a failure")
		w.Kinds[inbox.KindWhatsApp] = &whatsapp.Channel{} // without an account
		refresh()
		w.now = w.now.Add(time.Minute)
		require.Zero(t, starts(), "a minute after one that asking again does not mend")
		w.now = w.now.Add(9 * time.Minute)
		require.Equal(t, 1, starts())
	})
}

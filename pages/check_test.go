package pages_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/secrets"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/test/standins/fakemessenger"
)

// world is a Messenger channel whose page was kept and never checked.
type world struct {
	*pages.Service
	channel  inbox.Channel
	facebook *fakemessenger.Server
	now      time.Time
}

func forEachDatabase(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	t.Parallel()
	storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
		facebook := fakemessenger.New("4711", "app-secret", fakemessenger.Page{ID: "100", Name: "Pumps", Token: "page-token"})
		t.Cleanup(facebook.Close)
		api, err := graph.New(facebook.GraphURL(), "app-secret")
		require.NoError(t, err)
		keys, err := secrets.New()
		require.NoError(t, err)
		w := &world{facebook: facebook, now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
		w.Service = &pages.Service{
			Store: s, API: api, AppID: "4711", Keys: keys, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now },
		}
		support, err := s.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"})
		require.NoError(t, err)
		w.channel, err = s.CreateChannel(t.Context(), inbox.Channel{
			InboxID: support.ID, Kind: inbox.KindMessenger, Name: "Page", Enabled: true, State: inbox.ChannelConnected,
			Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		})
		require.NoError(t, err)
		w.connects(t)
		test(t, w)
	})
}

func (w *world) connects(t *testing.T) {
	t.Helper()
	_, err := w.Keep(t.Context(), w.channel.ID, "ada", pages.Access{ID: "100", Name: "Pumps", Token: "page-token"})
	require.NoError(t, err)
}

func (w *world) page(t *testing.T) store.FacebookPage {
	t.Helper()
	page, err := w.Store.FacebookPage(t.Context(), w.channel.ID)
	require.NoError(t, err)
	return page
}

// due reports whether the sweep would have the page checked.
func (w *world) due(t *testing.T) bool {
	t.Helper()
	due, err := w.Store.PagesDue(t.Context(), w.now.Add(-time.Hour), w.now, 10)
	require.NoError(t, err)
	return len(due) == 1
}

func (w *world) flow(t *testing.T) inbox.Chatflow {
	t.Helper()
	flow, err := w.Store.ActiveChatflow(t.Context(), w.channel.ID)
	require.NoError(t, err)
	return flow
}

func TestAPageShowsTheGreetingOfTheActiveChatflow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.True(t, w.due(t), "it was never checked")
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.False(t, w.due(t))
		flow := w.flow(t)
		require.Equal(t, flow.Greeting, w.facebook.Greeting("100"))
		require.True(t, w.facebook.GetStarted("100"))
		require.True(t, w.facebook.Subscribed("100"))

		set := w.facebook.Asked(fakemessenger.Profile)
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.Equal(t, set, w.facebook.Asked(fakemessenger.Profile), "it is as it was")

		flow.Greeting = "Welcome!"
		flow, err := w.Store.UpdateChatflow(t.Context(), flow)
		require.NoError(t, err)
		require.True(t, w.due(t), "an edit")
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.Equal(t, "Welcome!", w.facebook.Greeting("100"))

		_, err = w.Store.ActivateChatflow(t.Context(), flow.ID, false)
		require.NoError(t, err)
		require.True(t, w.due(t), "it was switched off")
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.Empty(t, w.facebook.Greeting("100"), "Facebook's own")

		_, err = w.Store.ActivateChatflow(t.Context(), flow.ID, true)
		require.NoError(t, err)
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.NoError(t, w.Store.DeleteChatflow(t.Context(), flow.ID))
		require.True(t, w.due(t), "it was deleted")
	})
}

func TestAProfileThatCouldNotBeSetStandsOnTheChannelAndIsTriedAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.facebook.Refuse(fakemessenger.Profile, fakemessenger.Failure{Status: http.StatusBadRequest, Code: 613})
		require.Error(t, w.Check(t.Context(), w.channel.ID))
		page := w.page(t)
		require.Equal(t, inbox.PageProfileUnset, page.Problem)
		require.True(t, page.FailingSince.Equal(w.now))
		require.True(t, w.due(t))
		w.facebook.Refuse(fakemessenger.Profile, fakemessenger.Failure{})
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.Empty(t, w.page(t).Problem)
		require.Zero(t, w.page(t).FailingSince)
		require.Equal(t, w.flow(t).Greeting, w.facebook.Greeting("100"))
	})
}

func TestAProblemBeginsAnewWhenItIsAnother(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		began := w.now
		for i, problem := range []inbox.ConnectionProblem{
			inbox.PageProfileUnset, inbox.PageProfileUnset, inbox.PageUnsubscribed, inbox.PageUnsubscribed,
		} {
			now := began.Add(time.Duration(i) * time.Hour)
			require.NoError(t, w.Store.PageFailing(t.Context(), w.page(t), problem, now))
			require.True(t, w.page(t).FailingSince.Equal(began.Add(time.Duration(i/2*2)*time.Hour)), "%d", i)
		}
	})
}

func TestPagesThatWereNeverCheckedAreCheckedFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		another := w.channel
		another.ID, another.Name = "", "Another page"
		another, err := w.Store.CreateChannel(t.Context(), another)
		require.NoError(t, err)
		_, err = w.Keep(t.Context(), another.ID, "ada", pages.Access{ID: "101", Name: "Valves", Token: "page-token"})
		require.NoError(t, err)
		due, err := w.Store.PagesDue(t.Context(), w.now.Add(time.Hour), w.now, 10)
		require.NoError(t, err)
		require.Equal(t, []string{another.ID, w.channel.ID}, due)
	})
}

func TestPagesThatFailTakeTurns(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		fails := func(channelID string) {
			loaded, err := w.Store.FacebookPage(t.Context(), channelID)
			require.NoError(t, err)
			require.NoError(t, w.Store.PageFailing(t.Context(), loaded, inbox.PageUnsubscribed, w.now))
		}
		ids := []string{w.channel.ID}
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		for i := range 4 { // which were never checked
			another := w.channel
			another.ID, another.Name = "", "Another page"
			another, err := w.Store.CreateChannel(t.Context(), another)
			require.NoError(t, err)
			_, err = w.Keep(t.Context(), another.ID, "ada", pages.Access{ID: fmt.Sprint(101 + i), Name: "Valves", Token: "page-token"})
			require.NoError(t, err)
			ids = append(ids, another.ID)
		}
		for _, id := range ids {
			fails(id)
		}
		turns := map[string]int{}
		for range 3 {
			w.now = w.now.Add(2 * time.Hour)
			due, err := w.Store.PagesDue(t.Context(), w.now.Add(-time.Hour), w.now, 2)
			require.NoError(t, err)
			require.Len(t, due, 2)
			for _, id := range due {
				turns[id]++
			}
		}
		for _, id := range ids {
			require.Positive(t, turns[id], "of six turns each of five has one")
		}
	})
}

func TestAnEditDuringACheckIsNotLost(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		loaded, shown := w.page(t), w.flow(t)
		edited := shown
		edited.Greeting = "Later"
		_, err := w.Store.UpdateChatflow(t.Context(), edited)
		require.NoError(t, err)
		require.ErrorIs(t, w.Store.PageChecked(t.Context(), loaded, shown, "digest", w.now), store.ErrPageChanged)
		require.True(t, w.due(t))
	})
}

func TestASubscriptionThatFacebookEndedIsMadeAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		w.facebook.Unsubscribe("100")
		w.now = w.now.Add(61 * time.Minute)
		require.True(t, w.due(t), "an hour later")
		require.NoError(t, w.Check(t.Context(), w.channel.ID))
		require.True(t, w.facebook.Subscribed("100"))
		require.False(t, w.due(t))

		w.facebook.Unsubscribe("100")
		w.facebook.Refuse(fakemessenger.Subscriptions, fakemessenger.Failure{Status: http.StatusForbidden, Code: 200})
		require.Error(t, w.Check(t.Context(), w.channel.ID))
		require.Equal(t, inbox.PageUnsubscribed, w.page(t).Problem)
		untold, err := w.Store.UntoldPages(t.Context(), w.now.Add(-time.Second), 10)
		require.NoError(t, err)
		require.Empty(t, untold, "it may pass")
		untold, err = w.Store.UntoldPages(t.Context(), w.now, 10)
		require.NoError(t, err)
		require.Equal(t, []string{w.channel.ID}, untold)
		told, err := w.Store.ClaimConnectionNotice(t.Context(), w.channel.ID, w.now)
		require.NoError(t, err)
		require.True(t, told)

		w.facebook.Revoke("100")
		w.facebook.Refuse(fakemessenger.Subscriptions, fakemessenger.Failure{})
		require.NoError(t, w.Check(t.Context(), w.channel.ID), "somebody has to connect it again")
		require.Equal(t, inbox.ConnectionRejected, w.page(t).Problem)
		require.False(t, w.due(t))
		untold, err = w.Store.UntoldPages(t.Context(), w.now, 10)
		require.NoError(t, err)
		require.Len(t, untold, 1, "that is news")
		w.connects(t)
		require.True(t, w.due(t), "it was connected again")
	})
}

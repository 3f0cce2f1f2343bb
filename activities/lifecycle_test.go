package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/store"
)

func TestClosingFreesTheAssigneesPlace(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat, w.agent))
		w.assigns(ref, inbox.CauseNew)
		in := activities.CloseInput{Ref: ref, Actor: w.byAgent(), Reason: activities.CloseByAgent}
		for range 2 {
			require.Equal(t, w.agent.ID, must(w.Close(t.Context(), in))(t))
		}
		require.Equal(t, inbox.StatusClosed, w.conversation(ref).Status)
		require.Equal(t, 1, w.count(ref, inbox.EventClosed))
	})
}

func TestAnEpisodeThatIsOverDoesNotCloseTheNext(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat)
		ref := refOf(w.writes(channel, "visitor"))
		w.closes(ref)
		w.writes(channel, "visitor")
		freed := must(w.Close(t.Context(), activities.CloseInput{Ref: ref, Actor: automation, Reason: activities.CloseQuiet}))(t)
		require.Empty(t, freed)
		require.Equal(t, inbox.StatusOpen, w.conversation(ref).Status)
	})
}

func TestASnoozeFreesThePlaceAndEndsAtItsTime(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat, w.agent))
		w.assigns(ref, inbox.CauseNew)
		in := activities.SnoozeInput{Ref: ref, Until: noon.Add(time.Hour), Actor: w.byAgent()}
		for range 2 {
			require.Equal(t, w.agent.ID, must(w.Snooze(t.Context(), in))(t))
		}
		require.Equal(t, inbox.StatusSnoozed, w.conversation(ref).Status)
		for range 2 {
			require.NoError(t, w.Wake(t.Context(), ref))
		}
		require.Equal(t, inbox.StatusOpen, w.conversation(ref).Status)
		require.Equal(t, 1, w.count(ref, inbox.EventSnoozed))
		require.Equal(t, 1, w.count(ref, inbox.EventWoken))
	})
}

func TestReopeningBeginsTheNextEpisodeOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		w.closes(ref)
		for range 2 {
			reopened := must(w.Reopen(t.Context(), activities.ReopenInput{ConversationID: ref.ConversationID, Actor: w.byAgent()}))(t)
			require.Equal(t, inbox.EpisodeRef{ConversationID: ref.ConversationID, Episode: 2}, reopened)
		}
		require.Equal(t, 1, w.count(ref, inbox.EventReopened))
	})
}

func TestWhatCannotBeDoneIsRefusedUnderItsCode(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		open, closed := w.arrives(w.channel(inbox.KindChat)), w.arrives(w.channel(inbox.KindChat))
		gone := inbox.EpisodeRef{ConversationID: store.NewID(), Episode: 1}
		w.closes(closed)
		ctx := t.Context()
		_, err := w.Reopen(ctx, activities.ReopenInput{ConversationID: open.ConversationID, Actor: w.byAgent()})
		wantRefusal(t, err, inbox.CodeConversationOpen)
		_, err = w.Snooze(ctx, activities.SnoozeInput{Ref: closed, Until: noon.Add(time.Hour), Actor: w.byAgent()})
		wantRefusal(t, err, inbox.CodeConversationDone)

		for name, step := range map[string]func() error{
			"close": func() error {
				_, err := w.Close(ctx, activities.CloseInput{Ref: gone, Actor: w.byAgent()})
				return err
			},
			"snooze": func() error {
				_, err := w.Snooze(ctx, activities.SnoozeInput{Ref: gone, Until: noon, Actor: w.byAgent()})
				return err
			},
			"wake": func() error { return w.Wake(ctx, gone) },
			"reopen": func() error {
				_, err := w.Reopen(ctx, activities.ReopenInput{ConversationID: gone.ConversationID, Actor: w.byAgent()})
				return err
			},
			"hand over": func() error {
				_, err := w.HandOver(ctx, activities.HandOverInput{Ref: gone, AgentID: w.agent.ID, Actor: w.byAgent()})
				return err
			},
			"open ticket":     func() error { _, err := w.OpenTicket(ctx, gone); return err },
			"resolve contact": func() error { _, err := w.ResolveContact(ctx, gone); return err },
			"take message": func() error {
				_, err := w.TakeMessage(ctx, activities.TakeMessageInput{Ref: gone, MessageID: store.NewID()})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) { wantRefusal(t, step(), inbox.CodeNotFound) })
		}
	})
}

func TestATicketIsOpenedOnceHoweverOftenItIsAsked(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{TicketsFromChannels: true}))
		must(w.Store.CreatePipeline(t.Context(), inbox.Pipeline{Name: "Support", Stages: []inbox.Stage{{Name: "New"}}}))(t)
		channel := w.channel(inbox.KindChat)
		without := w.arrives(channel)
		require.Equal(t, inbox.ReasonTicketsOff, must(w.OpenTicket(t.Context(), without))(t).Reason)

		channel.Tickets.Enabled = true
		channel = must(w.Store.UpdateChannel(t.Context(), channel))(t)
		ref := w.arrives(channel)
		_, err := w.ResolveContact(t.Context(), ref)
		require.NoError(t, err)
		first := must(w.OpenTicket(t.Context(), ref))(t)
		require.NotEmpty(t, first.TicketID)
		require.Equal(t, first.TicketID, must(w.OpenTicket(t.Context(), ref))(t).TicketID)
		require.Equal(t, 1, w.count(ref, inbox.EventTicketCreated))
	})
}

package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/store"
)

// undispatched lists the messages the sweep would tell.
func (w *world) undispatched() []string {
	w.t.Helper()
	var ids []string
	for _, message := range must(w.Store.Undispatched(w.t.Context(), time.Now().Add(24*time.Hour), 100))(w.t) {
		ids = append(ids, message.MessageID)
	}
	return ids
}

func TestAnUnknownSenderBecomesAContactAndTheFirstMessageIsConfirmed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{CloseAfterQuiet: 48 * time.Hour}))
		channel := w.channel(inbox.KindChat)
		ref := w.arrives(channel)
		resolved := must(w.ResolveContact(t.Context(), ref))(t)
		require.NotEmpty(t, resolved.ContactID)
		require.True(t, resolved.CreatedContact)
		require.Equal(t, activities.Resolved{
			InboxID: w.inbox.ID, ChannelID: channel.ID, ChannelKind: inbox.KindChat, Status: inbox.StatusOpen, Episode: 1,
			ContactID: resolved.ContactID, CreatedContact: true, QuietAt: noon.Add(48 * time.Hour),
		}, resolved)
		require.Empty(t, w.undispatched())
		require.Equal(t, resolved, must(w.ResolveContact(t.Context(), ref))(t), "a repeated step gives the same answer")
	})
}

func TestASenderWhoIsKnownIsFoundAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first, second := w.writes(w.channel(inbox.KindChat), "visitor"), w.writes(w.channel(inbox.KindChat), "visitor")
		known := must(w.ResolveContact(t.Context(), refOf(first)))(t)
		again := must(w.ResolveContact(t.Context(), refOf(second)))(t)
		require.Equal(t, known.ContactID, again.ContactID)
		require.False(t, again.CreatedContact)
		require.True(t, again.QuietAt.IsZero(), "the account closes nothing by itself")
	})
}

func TestAMessageConfirmsItselfAndStartsTheAssigneesClock(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{CloseAfterQuiet: 48 * time.Hour}))
		channel := w.channel(inbox.KindChat, w.agent)
		ref := refOf(w.writes(channel, "visitor"))
		must(w.ResolveContact(t.Context(), ref))(t)
		second := w.writes(channel, "visitor")
		taken := w.takes(ref, second.MessageID)
		require.Equal(t, activities.Taken{Episode: 1, QuietAt: noon.Add(48 * time.Hour)}, taken, "nobody has to answer yet")
		require.Empty(t, w.undispatched())

		w.assigns(ref, inbox.CauseNew)
		taken = w.takes(ref, w.writes(channel, "visitor").MessageID)
		require.True(t, taken.AnswerBy.Equal(noon.Add(5*time.Minute)))
	})
}

func TestAChannelWithoutALimitStartsNoClock(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat, w.agent)
		channel.Assignment.AnswerWithin = 0
		channel = must(w.Store.UpdateChannel(t.Context(), channel))(t)
		ref := refOf(w.writes(channel, "visitor"))
		w.assigns(ref, inbox.CauseNew)
		require.True(t, w.takes(ref, w.writes(channel, "visitor").MessageID).AnswerBy.IsZero())
	})
}

func TestAMessageWakesASnoozedConversationOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat)
		ref := refOf(w.writes(channel, "visitor"))
		_, err := w.Snooze(t.Context(), activities.SnoozeInput{Ref: ref, Until: noon.Add(time.Hour), Actor: w.byAgent()})
		require.NoError(t, err)
		second := w.writes(channel, "visitor")
		require.True(t, w.takes(ref, second.MessageID).Woken)
		require.True(t, w.takes(ref, second.MessageID).Woken, "the same when the answer was lost")
		require.Equal(t, inbox.StatusOpen, w.conversation(ref).Status)

		_, err = w.Snooze(t.Context(), activities.SnoozeInput{Ref: ref, Until: noon.Add(2 * time.Hour), Actor: w.byAgent()})
		require.NoError(t, err)
		require.False(t, w.takes(ref, second.MessageID).Woken, "told a second time")
		require.Equal(t, inbox.StatusSnoozed, w.conversation(ref).Status)
	})
}

func TestAMessageStoredInTheMomentOfClosingReopens(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat)
		ref := refOf(w.writes(channel, "visitor"))
		second := w.writes(channel, "visitor")
		w.closes(ref)
		for range 2 { // a repeated step gives the same answer
			require.Equal(t, 2, w.takes(ref, second.MessageID).Episode)
		}
		require.Equal(t, inbox.StatusOpen, w.conversation(ref).Status)
		require.Equal(t, 1, w.count(ref, inbox.EventReopened))
	})
}

func TestAutomaticMailIsConfirmedAndStartsNoClock(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{CloseAfterQuiet: 48 * time.Hour}))
		channel := w.channel(inbox.KindEmail, w.agent)
		ref := refOf(w.writes(channel, "visitor"))
		must(w.ResolveContact(t.Context(), ref))(t)
		w.assigns(ref, inbox.CauseNew)
		receipt := must(w.Store.Receive(t.Context(), store.Inbound{
			Channel: channel, ConversationID: ref.ConversationID, ProviderMessageID: "away", Text: "I am away.", Automatic: true,
		}))(t)
		require.Equal(t, activities.Taken{Episode: 1, Automatic: true}, w.takes(ref, receipt.MessageID))
		require.Empty(t, w.undispatched())
	})
}

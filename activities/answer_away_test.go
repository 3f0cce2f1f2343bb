package activities_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/store"
)

// deserted is an e-mail channel whose only agent is away.
func (w *world) deserted(text string) inbox.Channel {
	w.t.Helper()
	w.is(w.agent, inbox.Away)
	channel := w.channel(inbox.KindEmail, w.agent)
	settings, err := json.Marshal(map[string]any{"away_message": map[string]string{"text": text}})
	require.NoError(w.t, err)
	channel.Settings = settings
	return must(w.Store.UpdateChannel(w.t.Context(), channel))(w.t)
}

// mails receives a mail from an address and routes it.
func (w *world) mails(channel inbox.Channel, from string) inbox.EpisodeRef {
	w.t.Helper()
	ref := w.arrives(channel, func(in *store.Inbound) {
		in.Sender.Identities = []inbox.Identity{inbox.EmailIdentity(from)}
	})
	must(w.ResolveContact(w.t.Context(), ref))(w.t)
	w.assigns(ref, inbox.CauseNew)
	return ref
}

func (w *world) answersAway(ref inbox.EpisodeRef) activities.Answered {
	w.t.Helper()
	return must(w.AnswerAway(w.t.Context(), ref))(w.t)
}

func TestWhoWritesWhenNobodyIsThereIsToldOnceADay(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.deserted("We are back on Monday.")
		ref := w.mails(channel, "grace@example.com")
		answered := w.answersAway(ref)
		require.Equal(t, activities.MailQueue, answered.Queue)
		message := w.message(answered.MessageID)
		require.Equal(t, "We are back on Monday.", message.Text)
		require.Equal(t, inbox.AuthorAutomation, message.Author.Kind)
		require.False(t, message.DispatchedAt.IsZero(), "the workflow has it in hand")
		require.Equal(t, answered, w.answersAway(ref), "a repeated step answers the same")

		require.Empty(t, w.answersAway(w.mails(channel, "grace@example.com")))
		require.NotEmpty(t, w.answersAway(w.mails(channel, "henry@example.com")))
		w.now = w.now.Add(24 * time.Hour)
		require.NotEmpty(t, w.answersAway(w.mails(channel, "grace@example.com")))
	})
}

func TestNobodyIsToldWithoutWordsOrWhenSomebodyIsThere(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.Empty(t, w.answersAway(w.mails(w.deserted(""), "grace@example.com")))
		channel := w.deserted("We are back on Monday.")
		w.is(w.agent, inbox.Available)
		require.Empty(t, w.answersAway(w.mails(channel, "grace@example.com")))
		require.Empty(t, w.answersAway(w.arrives(w.channel(inbox.KindChat))))
	})
}

func TestAConversationThatAnAgentReopensTellsTheContactNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.deserted("We are back on Monday.")
		w.is(w.agent, inbox.Available)
		ref := w.mails(channel, "grace@example.com")
		w.closes(ref)
		w.is(w.agent, inbox.Away)
		reopened := must(w.Reopen(w.t.Context(), activities.ReopenInput{ConversationID: ref.ConversationID, Actor: w.byAgent()}))(t)
		require.Equal(t, inbox.StatusWaiting, w.assigns(reopened, inbox.CauseReopened).Status)
		require.Empty(t, w.answersAway(reopened))
	})
}

func TestATeamOfOursIsNotToldThatAnotherIsAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		sales := w.channel(inbox.KindEmail, w.agent)
		sales.Account = "sales@company.test"
		must(w.Store.UpdateChannel(t.Context(), sales))(t)
		ref := w.arrives(w.deserted("We are back on Monday."), func(in *store.Inbound) {
			in.Sender.Identities, in.ReplyTo = []inbox.Identity{inbox.EmailIdentity("sales@company.test")}, "Sales@company.test"
		})
		must(w.ResolveContact(t.Context(), ref))(t)
		w.assigns(ref, inbox.CauseNew)
		require.Empty(t, w.answersAway(ref))
	})
}

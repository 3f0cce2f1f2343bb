package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// asking gives a channel an active flow that asks for a mail address.
func (w *world) asking(channel inbox.Channel) {
	w.t.Helper()
	flow := must(w.Store.CreateChatflow(w.t.Context(), inbox.Chatflow{
		ChannelID: channel.ID, Name: "Ask", Patience: time.Minute, Steps: []inbox.ChatStep{
			{ID: "email", Kind: inbox.StepAsk, Text: "Your e-mail address?", Collect: inbox.CollectEmail, Retries: 1, Next: "person"},
			{ID: "person", Kind: inbox.StepHandOver, Text: "Thank you."},
		},
	}))(w.t)
	must(w.Store.ActivateChatflow(w.t.Context(), flow.ID, true))(w.t)
}

func (w *world) chats(ref inbox.EpisodeRef, messageID string) activities.ChatflowRun {
	w.t.Helper()
	return must(w.RunChatflow(w.t.Context(), activities.RunChatflowInput{Ref: ref, MessageID: messageID}))(w.t)
}

func says(text string) func(*store.Inbound) { return func(in *store.Inbound) { in.Text = text } }

func TestAChatflowAsksAndWhatTheContactSaysIsNoted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat, w.agent)
		w.asking(channel)
		ref := refOf(w.writes(channel, "visitor"))
		resolved := must(w.ResolveContact(t.Context(), ref))(t)
		require.True(t, resolved.Chatflow)
		run := w.chats(ref, "")
		require.Equal(t, activities.ChatflowRun{Outcome: inbox.ChatflowWaits, HandOverAt: noon.Add(time.Minute)}, run, "a chat delivers by its event")
		require.Equal(t, run, w.chats(ref, ""), "a repeated step answers the same")
		require.Equal(t, 1, w.count(ref, inbox.EventChatflowStep))

		answer := w.writes(channel, "visitor", says("grace@example.com"))
		for range 2 {
			require.Equal(t, inbox.ChatflowHandsOver, w.chats(ref, answer.MessageID).Outcome)
		}
		contact := must(w.Store.Contact(t.Context(), resolved.ContactID))(t)
		require.Equal(t, "grace@example.com", contact.Identity(inbox.IdentityEmail))
		require.Equal(t, 2, w.count(ref, inbox.EventMessageState), "both messages were sent, once")
	})
}

func TestWhereOnlyTheWebsiteVouchesAnAnswerMakesNobodyKnown(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindChat, w.agent)
		channel.Settings = must((&chat.Channel{CheckHours: routing.CheckHours}).CheckSettings([]byte(`{"verify_identity":true}`)))(t)
		channel = must(w.Store.UpdateChannel(t.Context(), channel))(t)
		flow := must(w.Store.CreateChatflow(t.Context(), inbox.Chatflow{
			ChannelID: channel.ID, Name: "Ask", Patience: time.Minute, Steps: []inbox.ChatStep{
				{ID: "name", Kind: inbox.StepAsk, Text: "Your name?", Collect: inbox.CollectName, Next: "email"},
				{ID: "email", Kind: inbox.StepAsk, Text: "Your e-mail address?", Collect: inbox.CollectEmail, Next: "phone"},
				{ID: "phone", Kind: inbox.StepAsk, Text: "Your number?", Collect: inbox.CollectPhone, Next: "person"},
				{ID: "person", Kind: inbox.StepHandOver, Text: "Thank you."},
			},
		}))(t)
		must(w.Store.ActivateChatflow(t.Context(), flow.ID, true))(t)
		ref := refOf(w.writes(channel, "visitor", func(in *store.Inbound) { in.Sender.Name = "" }))
		visitor := must(w.ResolveContact(t.Context(), ref))(t)
		w.chats(ref, "")
		said := []string{"Grace Hopper", "grace@example.com", "+12025550123"}
		for _, answer := range said {
			w.chats(ref, w.writes(channel, "visitor", says(answer)).MessageID)
		}
		contact := must(w.Store.Contact(t.Context(), visitor.ContactID))(t)
		require.Equal(t, "Grace Hopper", contact.Name)
		require.Empty(t, contact.Identity(inbox.IdentityEmail))
		require.Empty(t, contact.Identity(inbox.IdentityPhone))
		// The agent reads it as what it is: an answer.
		var given []string
		for _, answer := range must(w.Store.ChatflowAnswers(t.Context(), ref.ConversationID))(t) {
			given = append(given, answer.Text)
		}
		require.Equal(t, said, given)
	})
}

func TestAnAddressOfSomebodyElseOnlySuggestsAMerge(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		other := w.arrives(w.channel(inbox.KindEmail), func(in *store.Inbound) {
			in.Sender.Identities = []inbox.Identity{inbox.EmailIdentity("grace@example.com")}
		})
		known := must(w.ResolveContact(t.Context(), other))(t)
		channel := w.channel(inbox.KindChat)
		w.asking(channel)
		ref := refOf(w.writes(channel, "visitor"))
		visitor := must(w.ResolveContact(t.Context(), ref))(t)
		w.chats(ref, "")
		w.chats(ref, w.writes(channel, "visitor", says("grace@example.com")).MessageID)
		require.Equal(t, 1, w.count(ref, inbox.EventMergeSuggested))
		require.Equal(t, known.ContactID, must(w.Store.ContactByIdentity(t.Context(), inbox.EmailIdentity("grace@example.com")))(t).ID)
		require.NotEqual(t, known.ContactID, visitor.ContactID)
	})
}

func TestAnInstantReplyLeavesInTheWindowOnly(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindMessenger)
		expires := func(at time.Time) func(*store.Inbound) {
			return func(in *store.Inbound) { in.At, in.WindowExpires = at, at.Add(24*time.Hour) }
		}
		ref := refOf(w.writes(channel, "in time", expires(noon.Add(-23*time.Hour))))
		require.True(t, must(w.ResolveContact(t.Context(), ref))(t).Chatflow)
		run := w.chats(ref, "")
		require.Equal(t, inbox.ChatflowHandsOver, run.Outcome)
		require.Len(t, run.Outbox, 1)
		require.Equal(t, "provider", run.Outbox[0].Queue)
		require.False(t, w.message(run.Outbox[0].MessageID).DispatchedAt.IsZero(), "the workflow has it in hand")

		late := refOf(w.writes(channel, "late", expires(noon.Add(-25*time.Hour)), func(in *store.Inbound) {
			in.Sender.Identities = []inbox.Identity{inbox.CookieIdentity("late")}
		}))
		must(w.ResolveContact(t.Context(), late))(t)
		run = w.chats(late, "")
		require.Equal(t, activities.ChatflowRun{Outcome: inbox.ChatflowHandsOver}, run)
		require.Equal(t, 1, w.count(late, inbox.EventMessageState), "the refusal is recorded")
	})
}

func TestWithoutAChatflowRoutingGoesOn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		require.False(t, must(w.ResolveContact(t.Context(), ref))(t).Chatflow)
		require.Equal(t, activities.ChatflowRun{Outcome: inbox.ChatflowHandsOver}, w.chats(ref, ""))
	})
}

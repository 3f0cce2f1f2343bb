package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func (w *world) allows(ref inbox.EpisodeRef, messageID string) (activities.Allowed, error) {
	return w.AllowReply(w.t.Context(), activities.AllowReplyInput{Ref: ref, MessageID: messageID})
}

func hoursAgo(hours time.Duration) func(*store.Inbound) {
	return func(in *store.Inbound) { in.At = noon.Add(-hours * time.Hour) }
}

func TestAnAnswerIsRefusedOutsideTheWindow(t *testing.T) {
	cases := map[string]struct {
		hoursAgo time.Duration
		byHuman  bool
		code     inbox.Code // "" is allowed
	}{
		"a person within seven days":       {7*24 - 1, true, ""},
		"a person after seven days":        {7 * 24, true, inbox.CodeWindowClosed},
		"automation after 24 hours":        {25, false, inbox.CodeHumanAgentOnly},
		"automation even after seven days": {7 * 24, false, inbox.CodeWindowClosed},
	}
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindMessenger)
		for name, tc := range cases {
			ref := w.arrives(channel, hoursAgo(tc.hoursAgo))
			author := automation
			if tc.byHuman {
				author = w.byAgent()
			}
			id := w.answers(ref, author)
			allowed, err := w.allows(ref, id)
			if tc.code == "" {
				require.NoError(t, err, name)
				require.Equal(t, "provider", allowed.Queue, name)
				continue
			}
			refusal := wantRefusal(t, err, tc.code)
			require.NotEmpty(t, refusal.Remedy, name)
			require.Equal(t, routing.WindowOf(w.conversation(ref), noon), refusal.Window, name)
			require.Equal(t, inbox.MessageFailed, w.message(id).State, name)
			require.Equal(t, string(tc.code), w.message(id).ErrorCode, name)
			require.Empty(t, w.conversation(ref).AssigneeID, "%s: a refused answer takes nothing", name)
		}
		require.Empty(t, w.provider.tried)
	})
}

func TestARefusalReachesTheWorkflowWithItsCodeAndRemedy(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindForm))
		_, err := w.worker().ExecuteActivity(w.AllowReply, activities.AllowReplyInput{Ref: ref, MessageID: w.answers(ref, w.byAgent())})
		require.NotEmpty(t, wantRefusal(t, err, inbox.CodeNoReplyAddress).Remedy)
	})
}

func TestAnAnswerToNobodysAddressIsRefused(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindForm))
		id := w.answers(ref, w.byAgent())
		_, err := w.allows(ref, id)
		wantRefusal(t, err, inbox.CodeNoReplyAddress)
		require.Equal(t, inbox.MessageFailed, w.message(id).State)
		require.Equal(t, string(inbox.CodeNoReplyAddress), w.message(id).ErrorCode)
		require.False(t, w.message(id).DispatchedAt.IsZero(), "the sweep would ask for ever")
	})
}

func TestAnAnswerInAChatIsDeliveredByItsEvent(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		id := w.answers(ref, w.byAgent())
		allowed, err := w.allows(ref, id)
		require.NoError(t, err)
		require.Empty(t, allowed.Queue)
		require.Equal(t, inbox.MessageSent, w.message(id).State)
		require.Equal(t, 1, w.count(ref, inbox.EventMessageState))
	})
}

func TestAnAnswerToAFormGoesToTheMailQueueAndNotToTheSweep(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindForm), func(in *store.Inbound) { in.ReplyTo = "grace@home.test" })
		id := w.answers(ref, w.byAgent())
		allowed, err := w.allows(ref, id)
		require.NoError(t, err)
		require.Equal(t, mail.Queue, allowed.Queue)
		require.Equal(t, inbox.MessagePending, w.message(id).State)
		waiting := must(w.Store.Undispatched(t.Context(), time.Now().Add(time.Hour), 10))(t)
		for _, message := range waiting {
			require.NotEqual(t, id, message.MessageID, "the sweep would tell the answer again")
		}
	})
}

func TestAnUnassignedConversationGoesToTheAgentWhoAnswers(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		allowed, err := w.allows(ref, w.answers(ref, w.byAgent()))
		require.NoError(t, err)
		require.Equal(t, w.agent.ID, allowed.AssigneeID)
		require.Equal(t, w.agent.ID, w.conversation(ref).AssigneeID)

		other := w.hire()
		allowed, err = w.allows(ref, w.answers(ref, inbox.Author{Kind: inbox.AuthorAgent, ID: other.ID}))
		require.NoError(t, err)
		require.Equal(t, w.agent.ID, allowed.AssigneeID, "a second agent's answer takes nothing away")
	})
}

func TestAnAnswerToAWaitingConversationTakesItOutOfTheQueue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		away := w.hire(func(agent *inbox.Agent) { agent.Availability = inbox.Away })
		ref := w.arrives(w.channel(inbox.KindChat, away))
		require.Equal(t, inbox.StatusWaiting, w.assigns(ref, inbox.CauseNew).Status)
		allowed, err := w.allows(ref, w.answers(ref, w.byAgent()))
		require.NoError(t, err)
		require.Equal(t, inbox.StatusOpen, allowed.Status)
		require.True(t, w.conversation(ref).WaitingSince.IsZero())
	})
}

func TestAnAnswerReopensAClosedConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Store.SaveAccount(t.Context(), inbox.Account{CloseAfterQuiet: 24 * time.Hour}))
		ref := w.arrives(w.channel(inbox.KindChat))
		w.closes(ref)
		allowed, err := w.allows(ref, w.answers(ref, w.byAgent()))
		require.NoError(t, err)
		require.Equal(t, 2, allowed.Episode)
		require.Equal(t, inbox.StatusOpen, allowed.Status)
		require.Equal(t, w.agent.ID, allowed.AssigneeID)
		require.Equal(t, noon.Add(24*time.Hour), allowed.QuietAt)
	})
}

func TestAnAnswerDoesNotWakeAConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		tomorrow := noon.Add(24 * time.Hour)
		_, err := w.Snooze(t.Context(), activities.SnoozeInput{Ref: ref, Until: tomorrow, Actor: w.byAgent()})
		require.NoError(t, err)
		allowed, err := w.allows(ref, w.answers(ref, w.byAgent()))
		require.NoError(t, err)
		require.Equal(t, inbox.StatusSnoozed, allowed.Status)
		require.True(t, allowed.SnoozedUntil.Equal(tomorrow))
	})
}

// The sweep lists answers and asks for them one after the other: meanwhile one
// may have been delivered and its conversation closed.
func TestAnAnswerThatWasDeliveredDoesNotReopenWhenItIsAskedForAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		id := w.answers(ref, w.byAgent())
		first, err := w.allows(ref, id)
		require.NoError(t, err)
		again, err := w.allows(ref, id)
		require.NoError(t, err)
		require.Equal(t, first, again)

		w.closes(ref)
		late, err := w.allows(ref, id)
		require.NoError(t, err)
		require.Equal(t, inbox.StatusClosed, late.Status)
		require.Equal(t, inbox.StatusClosed, w.conversation(ref).Status)
	})
}

func TestAnAnswerThatLeftDoesNotFailWhenTheWindowClosesAfterIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindMessenger))
		id := w.answers(ref, w.byAgent())
		_, err := w.allows(ref, id)
		require.NoError(t, err)
		w.sends(id)
		w.now = noon.Add(8 * 24 * time.Hour)
		_, err = w.allows(ref, id)
		require.NoError(t, err)
		require.Equal(t, inbox.MessageSent, w.message(id).State)
	})
}

func TestAnUnknownAnswerIsNotFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		_, err := w.allows(ref, store.NewID())
		wantRefusal(t, err, inbox.CodeNotFound)
	})
}

func TestADatabaseThatIsAwayIsNotARefusal(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		id := w.answers(ref, w.byAgent())
		_, err := w.AllowReply(cancelled(t), activities.AllowReplyInput{Ref: ref, MessageID: id})
		wantRetry(t, err)
		require.Equal(t, inbox.MessagePending, w.message(id).State)
	})
}

func TestOnlyATemplateLeavesOutsideWhatsAppsWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindWhatsApp)
		for _, tc := range []struct {
			hours    time.Duration
			template *inbox.Template
			code     inbox.Code
		}{
			{23, nil, ""},
			{23, &inbox.Template{ID: "HX1"}, ""},
			{24, nil, inbox.CodeTemplateRequired},
			{24, &inbox.Template{ID: "HX1"}, ""},
			{30 * 24, &inbox.Template{ID: "HX1"}, ""},
		} {
			ref := w.arrives(channel, hoursAgo(tc.hours), func(in *store.Inbound) {
				in.WindowExpires = routing.WindowExpires(inbox.KindWhatsApp, in.At)
			})
			answer, _, err := w.Store.CreateReply(t.Context(), inbox.Message{
				ConversationID: ref.ConversationID, Author: w.byAgent(), Text: "Hi", Template: tc.template, CreatedAt: noon,
			})
			require.NoError(t, err)
			_, err = w.allows(ref, answer.ID)
			if tc.code == "" {
				require.NoError(t, err)
				continue
			}
			wantRefusal(t, err, tc.code)
		}
	})
}

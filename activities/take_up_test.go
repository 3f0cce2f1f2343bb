package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/inbox"
)

// inHand are answers as a workflow has them in hand.
func inHand(messageIDs ...string) []activities.Answered {
	var answers []activities.Answered
	for _, id := range messageIDs {
		answers = append(answers, activities.Answered{MessageID: id, Queue: "provider"})
	}
	return answers
}

func TestAWorkflowThatBeginsAgainTakesUpWhatItsConversationWaitsFor(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindMessenger))
		require.Zero(t, must(w.ResolveContact(t.Context(), ref))(t).UnderWay)
		first, second, third := w.answers(ref, w.byAgent()), w.answers(ref, w.byAgent()), w.answers(ref, w.byAgent())
		require.Empty(t, must(w.allows(ref, first))(t).Before)
		must(w.allows(ref, second))(t)
		notices := must(w.PlanNotices(t.Context(), activities.PlanNoticesInput{
			Ref: ref, Decision: inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, OwnerOffline: w.agent.ID},
		}))(t)
		want := activities.UnderWay{Answers: inHand(first, second), Notices: notices}
		require.Equal(t, want, must(w.TakeUp(t.Context(), ref))(t))
		require.Equal(t, want, must(w.ResolveContact(t.Context(), ref))(t).UnderWay)
		// An answer that begins the run is told of those before it.
		require.Equal(t, inHand(first, second), must(w.allows(ref, third))(t).Before)

		require.Equal(t, inbox.MessageSent, w.sends(first))
		require.Equal(t, inHand(second, third), must(w.TakeUp(t.Context(), ref))(t).Answers)
	})
}

func TestAnAnswerThatATerminatedRunMayBeSendingIsNotTouched(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Kinds[inbox.KindMessenger] = reconciling{w.provider, func() (channels.Accepted, bool, error) {
			t.Error("the provider was asked for a message that was still being handed over")
			return channels.Accepted{}, false, nil
		}}
		_, id := w.pending()
		must(w.Store.ClaimMessage(t.Context(), id, noon))(t)
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		require.Equal(t, 3*time.Minute, waitOf(t, err))
		require.Equal(t, inbox.MessageSending, w.message(id).State)
		require.Empty(t, w.provider.tried)
	})
}

func TestANoticeThatATerminatedRunMayBeMailingIsNotTouched(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		notice, _, err := w.Store.PlanNotice(t.Context(), inbox.Notice{
			Kind: inbox.NoticeOffline, Episode: w.arrives(w.channel(inbox.KindChat)), AgentID: w.agent.ID, CreatedAt: noon,
		})
		require.NoError(t, err)
		_, _, err = w.Store.ClaimNotice(t.Context(), notice.ID, noon)
		require.NoError(t, err)
		_, err = w.worker().ExecuteActivity(w.SendNotice, notice.ID)
		require.Equal(t, 3*time.Minute, waitOf(t, err))
		require.Equal(t, inbox.NoticeSending, must(w.Store.Notice(t.Context(), notice.ID))(t).State)
	})
}

func TestAConversationWhoseAnswerIsTriedAgainIsNotOverdue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindMessenger))
		first, behind := w.answers(ref, w.byAgent()), w.answers(ref, w.byAgent())
		must(w.allows(ref, first))(t)
		must(w.allows(ref, behind))(t)
		w.provider.fails(throttled(40 * time.Minute))
		_, err := w.SendMessage(t.Context(), first)
		require.Error(t, err)
		require.Empty(t, must(w.Store.Overdue(t.Context(), noon.Add(40*time.Minute), 10))(t))
		require.Equal(t, []inbox.EpisodeRef{ref}, must(w.Store.Overdue(t.Context(), noon.Add(41*time.Minute), 10))(t))
	})
}

package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/store"
)

// waits routes a conversation that only an agent who is away could have.
func (w *world) waits(channel inbox.Channel) inbox.EpisodeRef {
	w.t.Helper()
	ref := w.arrives(channel)
	assigned := w.assigns(ref, inbox.CauseNew)
	require.Equal(w.t, inbox.StatusWaiting, assigned.Status)
	require.True(w.t, assigned.WaitingSince.Equal(w.now))
	return ref
}

func TestAnAssignmentSaysWhoWhyAndUntilWhen(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat, w.agent))
		in := activities.AssignInput{Ref: ref, Key: "1/1", Cause: inbox.CauseNew}
		assigned := must(w.Assign(t.Context(), in))(t)
		require.Equal(t, inbox.StatusOpen, assigned.Status)
		require.Equal(t, w.agent.ID, assigned.Decision.AssigneeID)
		require.Equal(t, inbox.ReasonRule, assigned.Decision.Reason)
		require.NotEmpty(t, assigned.Decision.Candidates)
		require.True(t, assigned.AnswerBy.Equal(noon.Add(5*time.Minute)))

		w.is(w.agent, inbox.Away)
		w.now = noon.Add(time.Minute)
		require.Equal(t, assigned, must(w.Assign(t.Context(), in))(t), "the same question gets the same answer")
	})
}

func TestWhoLetItPassHasAFreePlace(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat, w.agent))
		w.assigns(ref, inbox.CauseNew)
		assigned := w.assigns(ref, inbox.CauseUnanswered)
		require.Equal(t, w.agent.ID, assigned.Freed)
		require.Equal(t, inbox.StatusWaiting, assigned.Status)
	})
}

func TestWhoWaitedLongerGoesFirstAndItsWorkflowIsTold(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		away := w.hire(func(agent *inbox.Agent) { agent.Availability = inbox.Away })
		channel := w.channel(inbox.KindChat, away)
		first := w.waits(channel)
		w.is(away, inbox.Available)
		second := w.arrives(channel)
		require.Equal(t, away.ID, w.assigns(second, inbox.CauseNew).Decision.AssigneeID)
		require.Equal(t, []inbox.EpisodeRef{first}, w.nudger.told)
		require.Equal(t, away.ID, w.conversation(first).AssigneeID)
	})
}

func TestWhatWasAssignedOnTheWayIsToldOfThoughTheStepFailed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		away := w.hire(func(agent *inbox.Agent) { agent.Availability = inbox.Away })
		channel := w.channel(inbox.KindChat, away)
		first := w.waits(channel)
		w.is(away, inbox.Available)
		second := w.arrives(channel)
		ctx, cancel := context.WithCancel(t.Context())
		w.Store.OnCommit(cancel)
		_, err := w.Assign(ctx, activities.AssignInput{Ref: second, Key: "1/1", Cause: inbox.CauseNew})
		wantRetry(t, err)
		require.Equal(t, []inbox.EpisodeRef{first}, w.nudger.told)
	})
}

func TestADrainHandsOutTheOldestFirstAndTellsTheirWorkflows(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		away := w.hire(func(agent *inbox.Agent) { agent.Availability, agent.Capacity = inbox.Away, 2 })
		channel := w.channel(inbox.KindChat, away)
		var refs []inbox.EpisodeRef
		for range 3 {
			refs = append(refs, w.waits(channel))
			w.now = w.now.Add(time.Second)
		}
		w.is(away, inbox.Available)
		require.Equal(t, 2, must(w.Drain(t.Context(), away.ID))(t))
		require.Equal(t, refs[:2], w.nudger.told)
		require.Equal(t, inbox.StatusWaiting, w.conversation(refs[2]).Status)
		require.Zero(t, must(w.Drain(t.Context(), away.ID))(t))
	})
}

func TestANudgeThatFailsIsLeftToTheSweepAndFailsNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.nudger.err = errors.New("Temporal is away")
		away := w.hire(func(agent *inbox.Agent) { agent.Availability = inbox.Away })
		channel := w.channel(inbox.KindChat, away)
		first, second := w.waits(channel), w.waits(channel)
		w.is(away, inbox.Available)
		third := w.arrives(channel)
		require.Equal(t, away.ID, w.assigns(third, inbox.CauseNew).Decision.AssigneeID)
		require.Len(t, w.nudger.told, 2)

		fourth := w.arrives(channel)
		w.is(away, inbox.Away)
		w.assigns(fourth, inbox.CauseNew)
		w.is(away, inbox.Available)
		require.Equal(t, 1, must(w.Drain(t.Context(), away.ID))(t))
		due := must(w.Store.NudgesDue(t.Context(), noon.Add(time.Hour), 10))(t)
		require.ElementsMatch(t, []inbox.EpisodeRef{first, second, fourth}, due)
	})
}

func TestNothingIsAssignedOfAConversationThatDoesNotExist(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, err := w.Assign(t.Context(), activities.AssignInput{Ref: inbox.EpisodeRef{ConversationID: store.NewID(), Episode: 1}})
		wantRefusal(t, err, inbox.CodeNotFound)
	})
}

func TestHandingOverByHand(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		other := w.hire()
		team := must(w.Store.CreateTeam(t.Context(), inbox.Team{Name: "Lamps", MemberIDs: []string{other.ID}}))(t)
		ref := w.arrives(w.channel(inbox.KindChat, w.agent))
		w.assigns(ref, inbox.CauseNew)
		for _, step := range []struct {
			agentID, teamID, freed string
			assignee               string
		}{
			{agentID: other.ID, freed: w.agent.ID, assignee: other.ID},
			{teamID: team.ID, freed: other.ID},
			{agentID: w.agent.ID, assignee: w.agent.ID},
			{freed: w.agent.ID},
		} {
			in := activities.HandOverInput{Ref: ref, AgentID: step.agentID, TeamID: step.teamID, Actor: w.byAgent()}
			for range 2 { // a repeated step gives the same answer
				require.Equal(t, step.freed, must(w.HandOver(t.Context(), in))(t), "%+v", step)
			}
			require.Equal(t, step.assignee, w.conversation(ref).AssigneeID, "%+v", step)
			require.Equal(t, step.teamID, w.conversation(ref).TeamID, "%+v", step)
		}
	})
}

func TestAWrongHandOverIsRefusedUnderItsField(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		hand := func(agentID, teamID string) error {
			_, err := w.HandOver(t.Context(), activities.HandOverInput{
				Ref: ref, AgentID: agentID, TeamID: teamID, Actor: w.byAgent(),
			})
			return err
		}
		require.Equal(t, "agent_id", wantRefusal(t, hand(store.NewID(), ""), inbox.CodeInvalid).Field)
		require.Equal(t, "team_id", wantRefusal(t, hand("", store.NewID()), inbox.CodeInvalid).Field)
		w.closes(ref)
		wantRefusal(t, hand(w.agent.ID, ""), inbox.CodeConversationDone)
	})
}

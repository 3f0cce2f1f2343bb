package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
)

const patience = 10 * time.Minute

var (
	flowWaits    = activities.ChatflowRun{Outcome: inbox.ChatflowWaits, HandOverAt: start.Add(patience)}
	flowHandOver = activities.ChatflowRun{Outcome: inbox.ChatflowHandsOver}
	flowEnds     = activities.ChatflowRun{Outcome: inbox.ChatflowEnds}
)

// newChatflow is an episode whose channel has a chatflow with these turns.
func newChatflow(t *testing.T, turns ...activities.ChatflowRun) *episode {
	t.Helper()
	e := newEpisode(t)
	e.steps.resolved.Chatflow, e.steps.chatted = true, turns
	return e
}

func TestAnInstantReplyIsSentAndRoutingGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	e := newChatflow(t, activities.ChatflowRun{
		Outcome: inbox.ChatflowHandsOver, Outbox: []activities.Answered{{MessageID: "r1", Queue: "messenger"}},
	})
	e.steps.sendErrors, e.steps.sendError = 1, errors.New("connection refused")
	e.closeAfter(time.Minute)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	// The first try runs beside the routing, the second waits for its turn.
	sends := func(step string) bool { return step == "send r1" }
	asked := e.steps.asked
	require.Equal(t, []string{"resolve contact", "chatflow ", "assign new 1/1", "open ticket", "close closed_by_agent"},
		slices.DeleteFunc(slices.Clone(asked), sends))
	require.Equal(t, []string{"send r1", "close closed_by_agent"}, asked[len(asked)-2:], "routing waits for no provider")
	require.True(t, slices.ContainsFunc(asked[:len(asked)-2], sends))
}

func TestAConversationIsNotRoutedWhileItsChatflowWaits(t *testing.T) {
	t.Parallel()
	again := flowWaits
	again.HandOverAt = start.Add(time.Minute + patience)
	e := newChatflow(t, flowWaits, again, flowHandOver)
	e.after(time.Minute, func() { e.message("m2") })
	e.after(5*time.Minute, func() { e.SignalWorkflow(workflows.SignalNudge, nil) })
	e.after(patience+30*time.Second, func() { e.message("m3") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{
		"resolve contact", "chatflow ", "take message m2", "chatflow m2", "take message m3", "chatflow m3",
		"assign new 1/1", "open ticket", "close closed_by_agent",
	}, e.steps.asked)
}

func TestAContactWhoDoesNotAnswerAChatflowIsHandedOver(t *testing.T) {
	t.Parallel()
	e := newChatflow(t, flowWaits)
	e.after(patience-time.Second, func() { require.Equal(t, []string{"resolve contact", "chatflow "}, e.steps.asked) })
	e.after(patience+time.Minute, func() { e.message("m2") })
	e.closeAfter(time.Hour)
	e.run()
	require.Equal(t, []string{
		"resolve contact", "chatflow ", "stop chatflow no_answer", "assign new 1/1", "open ticket", "take message m2", "close closed_by_agent",
	}, e.steps.asked)
}

func TestAChatflowCanCloseTheConversation(t *testing.T) {
	t.Parallel()
	e := newChatflow(t, flowWaits, flowEnds)
	e.after(time.Minute, func() { e.message("m2") })
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"resolve contact", "chatflow ", "take message m2", "chatflow m2", "close chatflow"}, e.steps.asked)
}

func TestAnAgentEndsAChatflow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		update string
		args   any
		asked  []string
	}{
		"by answering": {workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}, []string{"allow reply r1", "stop chatflow interrupted", "open ticket"}},
		"by taking it": {workflows.UpdateAssign, workflows.AssignUpdate{To: workflows.AssignTo{AgentID: ben}, Actor: actor}, []string{"hand over to ben", "stop chatflow interrupted", "open ticket"}},
		"by snoozing": {workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(30 * time.Minute), Actor: actor},
			[]string{"snooze", "stop chatflow interrupted", "open ticket", "wake", "assign reopened 1/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newChatflow(t, flowWaits)
			e.after(time.Minute, func() { e.update(c.update, c.args) })
			e.closeAfter(time.Hour)
			e.run()
			require.NoError(t, e.GetWorkflowError())
			want := append([]string{"resolve contact", "chatflow "}, c.asked...)
			require.Equal(t, append(want, "close closed_by_agent"), e.steps.asked)
		})
	}
	e := newChatflow(t, flowWaits)
	e.closeAfter(time.Minute)
	e.run()
	require.Equal(t, []string{"resolve contact", "chatflow ", "stop chatflow interrupted", "close closed_by_agent"}, e.steps.asked)
}

func TestWhatAChatflowSaidDoesNotEndItWhenItIsTriedAgain(t *testing.T) {
	t.Parallel()
	e := newChatflow(t, flowWaits)
	e.steps.allowed.AssigneeID = "" // by automation: nobody has it
	e.after(time.Minute, func() { e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "said"}) })
	e.closeAfter(time.Hour)
	e.run()
	require.Equal(t, []string{
		"resolve contact", "chatflow ", "allow reply said", "stop chatflow no_answer", "assign new 1/1", "open ticket", "close closed_by_agent",
	}, e.steps.asked)
}

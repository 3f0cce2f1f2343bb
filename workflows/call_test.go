package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/workflows"
)

// called tells the workflow of a call.
func (e *episode) called(callID string) {
	e.SignalWorkflow(workflows.SignalCall, workflows.CallSignal{CallID: callID})
}

func TestACallThatItsAssigneeLetPassGoesToTheNext(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	second := assignedTo(ben)
	second.Freed = ada
	e.steps.assigned = []activities.Assigned{assignedTo(ada), second}
	e.steps.call.Unanswered = true
	e.after(20*time.Second, func() { e.called("k1") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{
		"resolve contact", "assign new 1/1", "open ticket", "take call k1", "assign unanswered 1/2", "drain ada", "close closed_by_agent",
	}, e.steps.asked)
}

func TestAMissedCallIsToldAndLeftWithItsAssignee(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.call.Notices = []string{"n1"}
	e.after(20*time.Second, func() { e.called("k1") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Contains(t, e.steps.asked, "send notice n1")
	require.NotContains(t, e.steps.asked, "assign unanswered 1/2")
}

func TestNewsOfACallAtTheMomentOfClosingAreNotLost(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.call = activities.TakenCall{Unanswered: true, Notices: []string{"n1"}}
	e.after(time.Hour, func() { e.called("k1") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Contains(t, e.steps.asked, "send notice n1")
}

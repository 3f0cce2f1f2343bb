package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"switchboard/activities"
	"switchboard/workflows"
)

func TestTheAssigneeIsToldBeforeAWindowClosesAndTheNextAfterIt(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.WarnAt = start.Add(23 * time.Hour)
	e.steps.warned = activities.Warned{NoticeIDs: []string{"n1"}, WarnAt: start.Add(50 * time.Hour), WindowCloses: start.Add(24 * time.Hour)}
	e.after(23*time.Hour-time.Second, func() { require.Zero(t, e.steps.times("warn of the window")) })
	e.after(23*time.Hour+time.Minute, func() {
		require.Equal(t, 1, e.steps.times("warn of the window"))
		require.Equal(t, 1, e.steps.times("send notice n1"))
		e.steps.warned = activities.Warned{}
	})
	e.closeAfter(60 * time.Hour)
	e.run()
	require.Equal(t, 2, e.steps.times("warn of the window"))
	require.Equal(t, 1, e.steps.times("send notice n1"))
}

// An answer may still fail: whether it did is looked at when it is time to warn.
func TestNeitherAnAnswerNorASnoozeEndsTheWarning(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(*episode){
		"answer": func(e *episode) { e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}) },
		"snooze": func(e *episode) {
			e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(30 * time.Hour), Actor: actor})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEpisode(t)
			e.steps.resolved.WarnAt = start.Add(23 * time.Hour)
			e.after(time.Hour, func() { update(e) })
			e.closeAfter(40 * time.Hour)
			e.run()
			require.Equal(t, 1, e.steps.times("warn of the window"))
		})
	}
}

func TestAMessageMovesTheWarning(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.WarnAt = start.Add(23 * time.Hour)
	e.steps.taken.WarnAt = start.Add(33 * time.Hour)
	e.after(10*time.Hour, func() { e.message("m2") })
	e.after(30*time.Hour, func() { require.Zero(t, e.steps.times("warn of the window")) })
	e.closeAfter(40 * time.Hour)
	e.run()
	require.Equal(t, 1, e.steps.times("warn of the window"))
}

func TestAWindowThatMovesWithoutAMessageIsFollowed(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.WarnAt, e.steps.resolved.WindowCloses = start.Add(23*time.Hour), start.Add(24*time.Hour)
	e.steps.window = activities.Windowed{Closes: start.Add(44 * time.Hour), WarnAt: start.Add(43 * time.Hour)}
	var shown []time.Time
	e.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		if at, ok := attributes.GetTime(workflows.WindowClosesKey); ok {
			shown = append(shown, at)
		}
	}).Return(nil)
	e.after(20*time.Hour, func() { e.SignalWorkflow(workflows.SignalWindow, nil) })
	e.after(42*time.Hour, func() { require.Zero(t, e.steps.times("warn of the window"), "the warning moved") })
	e.closeAfter(50 * time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, 1, e.steps.times("look at the window"))
	require.Equal(t, 1, e.steps.times("warn of the window"))
	require.Contains(t, shown, start.Add(44*time.Hour), "Temporal's UI shows it: %v", shown)
}

package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

func TestAnAnswerEndsTheWarningAndASnoozeDoesNot(t *testing.T) {
	t.Parallel()
	for answered, warned := range map[bool]int{true: 0, false: 1} {
		e := newEpisode(t)
		e.steps.resolved.WarnAt = start.Add(23 * time.Hour)
		e.after(time.Hour, func() {
			if answered {
				e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"})
			} else {
				e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(30 * time.Hour), Actor: actor})
			}
		})
		e.closeAfter(40 * time.Hour)
		e.run()
		require.Equal(t, warned, e.steps.times("warn of the window"), "answered %v", answered)
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

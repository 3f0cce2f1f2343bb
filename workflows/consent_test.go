package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/workflows"
)

// waiting is an episode that has to wait for consent until the given answers let
// it go on.
func waiting(t *testing.T, then ...activities.Consented) *episode {
	t.Helper()
	e := newEpisode(t)
	e.steps.resolved.AsksConsent, e.steps.taken.AwaitsConsent = true, true
	asks := activities.Consented{Waits: true, GiveUpAt: start.Add(24 * time.Hour), MessageID: "q1", Queue: "provider"}
	e.steps.consented = append([]activities.Consented{asks}, then...)
	return e
}

var agreed = activities.Consented{Restored: []string{"m1", "m2"}}

func TestNothingIsRoutedUntilTheContactAgrees(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Minute, 23 * time.Hour} {
		e := waiting(t, agreed)
		e.after(after-time.Millisecond, func() { require.Equal(t, []string{"resolve contact", "consent", "send q1"}, e.steps.asked) })
		e.after(after, func() { e.message("m2") })
		e.closeAfter(after + time.Hour)
		e.run()
		require.NoError(t, e.GetWorkflowError())
		require.Equal(t, []string{
			"resolve contact", "consent", "send q1", "take message m2", "consent", "assign new 1/1", "open ticket", "close closed_by_agent",
		}, e.steps.asked, "after %v", after)
	}
}

func TestSeveralMessagesBeforeTheContactAgreesRouteOnce(t *testing.T) {
	t.Parallel()
	held := activities.Consented{Waits: true, GiveUpAt: start.Add(24 * time.Hour)}
	e := waiting(t, held, held, agreed)
	e.after(time.Hour, func() { e.message("m2"); e.message("m3") })
	e.after(2*time.Hour, func() {
		e.message("m4")
		e.steps.taken.AwaitsConsent = false
	})
	e.after(3*time.Hour, func() { e.message("m5") })
	e.closeAfter(4 * time.Hour)
	e.run()
	require.Equal(t, []string{
		"resolve contact", "consent", "send q1", "take message m2", "consent", "take message m3", "consent",
		"take message m4", "consent", "assign new 1/1", "open ticket", "take message m5", "close closed_by_agent",
	}, e.steps.asked)
}

func TestWhatNobodyAgreedToIsGivenUpAfterADayAndTheNextMessageAsksAgain(t *testing.T) {
	t.Parallel()
	e := waiting(t, activities.Consented{Waits: true, GiveUpAt: start.Add(50 * time.Hour), MessageID: "q2", Queue: "provider"})
	e.after(24*time.Hour-time.Second, func() { require.NotContains(t, e.steps.asked, "give up held") })
	e.after(26*time.Hour, func() { e.message("m2") })
	e.closeAfter(27 * time.Hour)
	e.run()
	require.Equal(t, []string{
		"resolve contact", "consent", "send q1", "give up held", "take message m2", "consent", "send q2", "close closed_by_agent",
	}, e.steps.asked)
}

func TestMessagesAreGivenUpOneAfterTheOther(t *testing.T) {
	t.Parallel()
	e := waiting(t)
	e.steps.giveUpNext = start.Add(30 * time.Hour)
	e.after(29*time.Hour, func() { e.steps.giveUpNext = time.Time{} })
	e.closeAfter(40 * time.Hour)
	e.run()
	require.Equal(t, []string{"resolve contact", "consent", "send q1", "give up held", "give up held", "close closed_by_agent"}, e.steps.asked)
}

func TestANudgeOrTheEndOfASnoozeDoesNotRouteWithoutConsent(t *testing.T) {
	t.Parallel()
	e := waiting(t, activities.Consented{Waits: true, GiveUpAt: start.Add(24 * time.Hour)})
	e.after(time.Minute, func() { e.SignalWorkflow(workflows.SignalNudge, nil) })
	e.after(2*time.Minute, func() {
		e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(time.Hour), Actor: actor})
	})
	e.closeAfter(25 * time.Hour)
	e.run()
	require.Equal(t, []string{
		"resolve contact", "consent", "send q1", "consent", "snooze", "wake", "consent", "give up held", "close closed_by_agent",
	}, e.steps.asked)
}

func TestWaitingForConsentOutlivesContinueAsNew(t *testing.T) {
	t.Parallel()
	e := waiting(t, activities.Consented{Waits: true, GiveUpAt: start.Add(24 * time.Hour)})
	e.after(time.Hour, func() { e.SetContinueAsNewSuggested(true); e.message("m2") })
	e.run()
	next := &workflow.ContinueAsNewError{}
	require.ErrorAs(t, e.GetWorkflowError(), &next)
	var input workflows.ConversationInput
	require.NoError(t, decode(next, &input))
	require.True(t, input.Resume.AsksConsent)
	require.Equal(t, start.Add(24*time.Hour), input.Resume.Deadlines.GiveUpAt.UTC())

	resumed := waiting(t)
	resumed.steps.consented = []activities.Consented{agreed}
	resumed.input = input
	resumed.after(time.Hour, func() { resumed.message("m3") })
	resumed.closeAfter(2 * time.Hour)
	resumed.run()
	require.Equal(t, []string{"take message m3", "consent", "assign new 1/1", "open ticket", "close closed_by_agent"}, resumed.steps.asked)
}

func TestAContactWhoIsOnlyToldDoesNotWait(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.AsksConsent = true
	e.steps.consented = []activities.Consented{{MessageID: "q1", Queue: "provider"}}
	e.closeAfter(time.Hour)
	e.run()
	require.ElementsMatch(t, []string{
		"resolve contact", "consent", "send q1", "assign new 1/1", "open ticket", "close closed_by_agent",
	}, e.steps.asked)
}

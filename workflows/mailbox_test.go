package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
	"switchboard/workflows/workflowtest"
)

// reading is a mailbox's workflow under test whose clock skips waiting.
type reading struct {
	*testsuite.TestWorkflowEnvironment
	t     *testing.T
	steps *fakeSteps
	// looks are when it looked, since the start.
	looks []time.Duration
}

// newReading answers looks with these in order, then that the mailbox is gone.
func newReading(t *testing.T, looks ...activities.Polled) *reading {
	t.Helper()
	r := &reading{TestWorkflowEnvironment: workflowtest.New(), t: t, steps: newFakeSteps()}
	r.SetStartTime(start)
	r.SetWorkflowRunTimeout(72 * time.Hour)
	r.RegisterActivity(r.steps)
	r.RegisterWorkflow(workflows.Mailbox)
	r.steps.poll = func() (activities.Polled, error) {
		r.looks = append(r.looks, r.Now().Sub(start))
		if len(looks) == 0 {
			return activities.Polled{Outcome: activities.PollGone}, nil
		}
		next := looks[0]
		looks = looks[1:]
		return next, nil
	}
	return r
}

func (r *reading) run() {
	r.t.Helper()
	r.ExecuteWorkflow(workflows.Mailbox, workflows.MailboxInput{ChannelID: "ch1", Provider: inbox.ProviderGmail})
	require.True(r.t, r.IsWorkflowCompleted(), "the workflow still waits")
}

// changesAfter signals a change when the workflow's clock shows start plus d.
func (r *reading) changesAfter(d time.Duration) {
	r.RegisterDelayedCallback(func() { r.SignalWorkflow(workflows.SignalMailboxChanged, nil) }, d)
}

// hintsAfter signals a hint when the workflow's clock shows start plus d.
func (r *reading) hintsAfter(d time.Duration) {
	r.RegisterDelayedCallback(func() { r.SignalWorkflow(workflows.SignalMailboxHint, nil) }, d)
}

func quiet(wait time.Duration) activities.Polled {
	return activities.Polled{Outcome: activities.PollOK, Wait: wait}
}

func TestAMailboxIsReadAgainAndAgainUntilItIsDisconnected(t *testing.T) {
	t.Parallel()
	r := newReading(t, quiet(30*time.Second), quiet(30*time.Second))
	r.run()
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, []time.Duration{0, 30 * time.Second, time.Minute}, r.looks)
}

func TestWhatIsLeftIsReadAtOnce(t *testing.T) {
	t.Parallel()
	r := newReading(t, quiet(0), quiet(0))
	r.run()
	require.Equal(t, []time.Duration{0, 0, 0}, r.looks)
}

func TestAProviderIsLeftAloneAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	throttled := activities.Polled{Outcome: activities.PollThrottled, Wait: 7 * time.Minute, Throttled: 1}
	r := newReading(t, throttled, quiet(time.Minute))
	r.run()
	require.Equal(t, []time.Duration{0, 7 * time.Minute, 8 * time.Minute}, r.looks)
	require.Equal(t, []string{"poll ch1 0", "poll ch1 1", "poll ch1 0"}, r.steps.asked)
}

func TestAChangeEndsTheWaiting(t *testing.T) {
	t.Parallel()
	r := newReading(t, quiet(time.Hour))
	r.changesAfter(time.Minute)
	r.run()
	require.Equal(t, []time.Duration{0, time.Minute}, r.looks)
}

func TestAHintEndsTheWaitingForNewMail(t *testing.T) {
	t.Parallel()
	r := newReading(t, quiet(time.Hour), quiet(time.Hour))
	r.hintsAfter(time.Minute)
	r.run()
	require.Equal(t, []time.Duration{0, time.Minute, time.Hour + time.Minute}, r.looks)
}

func TestAHintDuringALookLeadsToAnotherOne(t *testing.T) {
	t.Parallel()
	r := newReading(t, quiet(time.Hour), quiet(time.Hour))
	poll, hinted := r.steps.poll, false
	r.steps.poll = func() (activities.Polled, error) {
		if !hinted {
			hinted = true
			r.SignalWorkflow(workflows.SignalMailboxHint, nil)
			r.SignalWorkflow(workflows.SignalMailboxHint, nil)
		}
		return poll()
	}
	r.run()
	require.Equal(t, []time.Duration{0, 0, time.Hour}, r.looks)
}

func TestAHintDoesNotDisturbAProviderThatAsksToWait(t *testing.T) {
	t.Parallel()
	r := newReading(t, activities.Polled{Outcome: activities.PollThrottled, Wait: 7 * time.Minute, Throttled: 1}, quiet(time.Hour))
	r.hintsAfter(time.Minute)
	r.run()
	require.Equal(t, []time.Duration{0, 7 * time.Minute, 67 * time.Minute}, r.looks)
}

func TestARejectedMailboxWaitsForAPersonWhoIsToldOnce(t *testing.T) {
	t.Parallel()
	rejected := activities.Polled{Outcome: activities.PollRejected, Wait: 10 * time.Minute}
	r := newReading(t, rejected, rejected, quiet(30*time.Second), rejected)
	r.changesAfter(12 * time.Minute) // connected again
	r.changesAfter(13 * time.Minute) // disconnected
	r.run()
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, []string{
		"poll ch1 0", "tell rejected ch1", "poll ch1 0", "poll ch1 0", "poll ch1 0", "tell rejected ch1", "poll ch1 0",
	}, r.steps.asked)
	require.Equal(t, []time.Duration{0, 10 * time.Minute, 12 * time.Minute, 12*time.Minute + 30*time.Second, 13 * time.Minute}, r.looks)
}

func TestAMailboxThatCannotBeReadIsTriedAgainUntilSomethingChanges(t *testing.T) {
	t.Parallel()
	r := newReading(t)
	gone := r.steps.poll
	tries, changed := 0, false
	r.steps.poll = func() (activities.Polled, error) {
		if changed {
			return gone()
		}
		tries++
		return activities.Polled{}, errors.New("connection refused")
	}
	r.RegisterDelayedCallback(func() {
		changed = true
		r.SignalWorkflow(workflows.SignalMailboxChanged, nil)
	}, 20*time.Minute+time.Second)
	r.run()
	require.NoError(t, r.GetWorkflowError())
	require.Greater(t, tries, 5)
	require.Equal(t, []time.Duration{20*time.Minute + time.Second}, r.looks, "the change waited for the next try")
}

func TestAMailboxesHistoryStaysShort(t *testing.T) {
	t.Parallel()
	looks := make([]activities.Polled, 1000)
	for i := range looks {
		looks[i] = quiet(30 * time.Second)
	}
	r := newReading(t, looks...)
	r.run()
	next, ok := errors.AsType[*workflow.ContinueAsNewError](r.GetWorkflowError())
	require.True(t, ok, "ended with %v", r.GetWorkflowError())
	require.Less(t, len(r.looks), 500)
	var input workflows.MailboxInput
	require.NoError(t, decode(next, &input))
	require.Equal(t, workflows.MailboxInput{ChannelID: "ch1", Provider: inbox.ProviderGmail}, input)
}

package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/workflows"
)

// times counts how often something was asked.
func (f *fakeSteps) times(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked) - len(slices.DeleteFunc(slices.Clone(f.asked), func(asked string) bool { return asked == what }))
}

func TestFilesAreFetchedBesideTheWaitingOnceForEachMessage(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	first, second := activities.Fetching{MessageID: "m1", Queue: "files"}, activities.Fetching{MessageID: "m2", Queue: "files"}
	e.steps.resolved.Fetching = []activities.Fetching{first}
	e.steps.taken.Fetching = []activities.Fetching{first, second}
	e.steps.fetchErrors = 8 // minutes of tries: m1 is on its way when m2 comes
	e.after(time.Minute, func() { e.message("m2") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, 10, e.steps.times("fetch m1")+e.steps.times("fetch m2"), "eight tries failed, two succeeded: %v", e.steps.asked)
	require.NotContains(t, e.steps.asked, "lose m1")
	require.Contains(t, e.steps.asked, "open ticket", "the conversation waited for the files")
}

func TestFilesOfAProviderThatIsAwayForDaysAreLostAndTheConversationGoesOn(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.SetWorkflowRunTimeout(100 * time.Hour)
	e.steps.resolved.Fetching = []activities.Fetching{{MessageID: "m1", Queue: "files"}}
	e.steps.fetchErrors = 1 << 30
	e.after(time.Minute, func() { e.message("m2") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Contains(t, e.steps.asked, "take message m2")
	require.Contains(t, e.steps.asked, "lose m1")
}

func TestFilesUnderWayAreTakenOnByTheNextRun(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	fetching := []activities.Fetching{{MessageID: "m1", Queue: "files"}}
	e.steps.resolved.Fetching = fetching
	e.steps.fetchErrors = 1 << 30
	e.after(time.Minute, func() {
		e.SetContinueAsNewSuggested(true)
		e.message("m2")
	})
	e.run()
	next, ok := errors.AsType[*workflow.ContinueAsNewError](e.GetWorkflowError())
	require.True(t, ok, "%v", e.GetWorkflowError())
	var input workflows.ConversationInput
	require.NoError(t, decode(next, &input))
	require.Equal(t, fetching, input.Resume.Fetching)

	again := newEpisode(t)
	again.input = input
	again.closeAfter(time.Minute)
	again.run()
	require.NoError(t, again.GetWorkflowError())
	require.Equal(t, 1, again.steps.times("fetch m1"))
}

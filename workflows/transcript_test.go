package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/workflows"
	"switchboard/workflows/workflowtest"
)

// transcribes runs a transcript's workflow of a version and returns what it asked for
// and the queue that the mail left from.
func transcribes(t *testing.T, version workflow.Version) (asked []string, queue string) {
	t.Helper()
	env, steps := workflowtest.New(), newFakeSteps()
	env.RegisterActivity(steps)
	env.RegisterWorkflow(workflows.Transcript)
	env.OnGetVersion("transcript-queue", workflow.DefaultVersion, workflow.Version(1)).Return(version)
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == "SendNotice" {
			queue = info.TaskQueue
		}
	})
	env.ExecuteWorkflow(workflows.Transcript, "n1")
	require.NoError(t, env.GetWorkflowError())
	return steps.asked, queue
}

func TestATranscriptLeavesByTheQueueOfItsMailbox(t *testing.T) {
	t.Parallel()
	asked, queue := transcribes(t, 1)
	require.Equal(t, []string{"choose queue of n1", "send notice n1"}, asked)
	require.Equal(t, activities.GmailQueue, queue)
}

func TestATranscriptUnderWayBeforeGoesOnAsItBegan(t *testing.T) {
	t.Parallel()
	asked, queue := transcribes(t, workflow.DefaultVersion)
	require.Equal(t, []string{"send notice n1"}, asked)
	require.Equal(t, activities.MailQueue, queue)
}

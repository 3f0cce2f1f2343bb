package workflows_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"switchboard/workflows"
)

// The histories were recorded from released code (see CONTRIBUTING.md): a
// change that cannot replay them would break conversations that are running.
func TestReplayRecordedHistories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/replay/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files, "there are no recorded histories")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			// A machine that does other things is no deadlock.
			replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
			require.NoError(t, err)
			replayer.RegisterWorkflow(workflows.Conversation)
			replayer.RegisterWorkflow(workflows.Backlog)
			replayer.RegisterWorkflow(workflows.Sweep)
			replayer.RegisterWorkflow(workflows.Mailbox)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file))
		})
	}
}

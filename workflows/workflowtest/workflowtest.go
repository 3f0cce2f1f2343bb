// Package workflowtest gives tests an environment in which workflows run without
// waiting.
package workflowtest

import (
	"log/slog"
	"time"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
)

// patience is how long a step may take and a workflow stand still: a machine that does
// other things is no fault of theirs.
const patience = 5 * time.Minute

// New returns an environment whose clock skips waiting.
func New() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return suite.NewTestWorkflowEnvironment().
		SetTestTimeout(patience).
		SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: patience})
}

package workflows

import "go.temporal.io/sdk/workflow"

// Gates for steps that running workflows do not have; CONTRIBUTING says when they go.

// choosesQueue reports whether the transcript began when it was to leave by its
// mailbox's queue; earlier ones leave by that of the mail server (v0.2).
func choosesQueue(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "transcript-queue", workflow.DefaultVersion, 1) == 1
}

package workflows

import "go.temporal.io/sdk/workflow"

// Gates for steps that running workflows do not have; CONTRIBUTING says when they go.

// choosesQueue reports whether the transcript began when it was to leave by its
// mailbox's queue; earlier ones leave by that of the mail server (v0.2).
func choosesQueue(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "transcript-queue", workflow.DefaultVersion, 1) == 1
}

// doubtsAnswers reports whether an episode that was answered still looks, before the
// window closes, whether the answer reached the contact; earlier ones took that for
// granted (v0.2).
func doubtsAnswers(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "doubt-answers", workflow.DefaultVersion, 1) == 1
}

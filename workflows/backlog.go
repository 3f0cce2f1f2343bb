package workflows

import (
	"go.temporal.io/sdk/workflow"
)

// SignalAgentChanged asks a Backlog workflow for one more pass.
const SignalAgentChanged = "agent_changed"

// Backlog hands waiting conversations to an agent who became eligible, oldest
// first (B2). It ends when no further change was signalled.
func Backlog(ctx workflow.Context, agentID string) error {
	changes := workflow.GetSignalChannel(ctx, SignalAgentChanged)
	changes.Receive(ctx, nil)
	for {
		for changes.ReceiveAsync(nil) {
		}
		if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "drain backlog"), steps.Drain, agentID).Get(ctx, nil); err != nil {
			return err
		}
		if changes.Len() == 0 {
			return nil
		}
	}
}

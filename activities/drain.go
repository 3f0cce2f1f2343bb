package activities

import (
	"context"
	"fmt"

	"switchboard/routing"
)

// Drain hands waiting conversations to an agent who became eligible, oldest
// first (B2), and returns how many were assigned.
func (a *Activities) Drain(ctx context.Context, agentID string) (int, error) {
	refs, err := a.Store.Drain(ctx, agentID, a.Now(), routing.Assign)
	a.nudge(ctx, refs)
	if err != nil {
		return len(refs), final(fmt.Errorf("drain backlog: %w", err))
	}
	return len(refs), nil
}

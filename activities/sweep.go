package activities

import (
	"context"
	"fmt"
)

// Sweeper tells workflows what they have not been told yet.
type Sweeper interface {
	Sweep(ctx context.Context) (Swept, error)
}

// Swept counts what a sweep made good.
type Swept struct {
	Messages int `json:"messages"`
	Nudges   int `json:"nudges"`
	// Assigned conversations had waited for an agent who was there.
	Assigned int `json:"assigned"`
}

// Sweep makes good what was missed while Temporal was away: messages whose
// workflow was never told (B8), nudges that were lost, and drains towards agents
// who became available (B2).
func (a *Activities) Sweep(ctx context.Context) (Swept, error) {
	swept, err := a.Sweeper.Sweep(ctx)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	awaited, err := a.Store.Awaited(ctx)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	for _, agentID := range awaited {
		assigned, err := a.Drain(ctx, agentID)
		swept.Assigned += assigned
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}

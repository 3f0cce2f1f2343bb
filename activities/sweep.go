package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
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
	defer beat(ctx)()
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

// heartbeat is well below what the workflow waits for.
const heartbeat = time.Second

// beat tells Temporal that the activity lives until the returned function is
// called.
func beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}

package activities

import (
	"context"
	"fmt"
)

// Sweeper tells workflows what they have not been told yet.
type Sweeper interface {
	Sweep(ctx context.Context) (Swept, error)
}

// Swept counts what a sweep dispatched.
type Swept struct {
	Messages int `json:"messages"`
	Nudges   int `json:"nudges"`
}

// Sweep dispatches messages whose workflow was never told of them, and repeats
// lost nudges (B8).
func (a *Activities) Sweep(ctx context.Context) (Swept, error) {
	swept, err := a.Sweeper.Sweep(ctx)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	return swept, nil
}

package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

// Windowed is a conversation's window as it is now.
type Windowed struct {
	// Closes is when the provider's window closes; zero without one.
	Closes time.Time `json:"closes,omitzero"`
	// WarnAt is when to tell that it closes soon; zero is never.
	WarnAt time.Time `json:"warn_at,omitzero"`
}

// LookAtWindow returns the window after the contact opened it without writing, or
// the provider said that it is closed.
func (a *Activities) LookAtWindow(ctx context.Context, ref inbox.EpisodeRef) (Windowed, error) {
	c, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return Windowed{}, final(fmt.Errorf("load conversation: %w", err))
	}
	if c.Status == inbox.StatusClosed {
		return Windowed{Closes: c.Window.ClosesAt}, nil
	}
	warnAt, _ := routing.WindowWarning(c, time.Time{}, a.Now())
	return Windowed{Closes: c.Window.ClosesAt, WarnAt: warnAt}, nil
}

package activities

import (
	"context"
	"fmt"

	"switchboard/inbox"
	"switchboard/routing"
)

// OpenTicket creates the conversation's ticket, exactly one whatever is
// retried, or says why there is none (G10 to G13, F3 to F6).
func (a *Activities) OpenTicket(ctx context.Context, ref inbox.EpisodeRef) (inbox.TicketDecision, error) {
	decision, err := a.Store.OpenTicket(ctx, ref, a.Now(), routing.Ticket)
	if err != nil {
		return inbox.TicketDecision{}, final(fmt.Errorf("open ticket: %w", err))
	}
	return decision, nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Drain assigns what waits for an agent who became available or got a seat, a
// free place or a team, in the queue's order (B2). It returns the conversations
// that were assigned, to him or to another who is eligible as well: their
// workflows have to be told, as NudgesDue repeats until they know. Each
// assignment is a transaction of its own, so those made before an error stand.
func (s *Store) Drain(ctx context.Context, agentID string, at time.Time, decide Decide) ([]inbox.EpisodeRef, error) {
	at = stored(at)
	w := walk{agentID: agentID}
	var nudge []inbox.EpisodeRef
	for {
		var ref inbox.EpisodeRef
		var found bool
		err := s.tx(ctx, func(t *tx) (err error) {
			if err := s.lockClaims(t, true); err != nil {
				return err
			}
			ref, found, err = s.claimNext(t, &w, at, decide)
			return err
		})
		switch {
		case errors.Is(err, errOutdated):
		case err != nil:
			return nudge, fmt.Errorf("drain queue: %w", err)
		case !found:
			return nudge, nil
		default:
			nudge = append(nudge, ref)
		}
	}
}

// claimNext assigns the first conversation of the walk that somebody is
// eligible for; found is false when there is none. The transaction is alone
// with the claims.
func (s *Store) claimNext(t *tx, w *walk, at time.Time, decide Decide) (ref inbox.EpisodeRef, found bool, err error) {
	for !w.done {
		read, found, err := w.next(t)
		if !found || err != nil {
			return ref, false, err
		}
		c := read
		decision, _, err := s.decideOn(t, &c, at, decide, false)
		if err != nil {
			return ref, false, err
		}
		if decision.Outcome != inbox.OutcomeAgent {
			w.passOver(&c, decision)
			continue
		}
		c.NudgeAt = stampOf(at)
		if err := t.save(&read, &c, decision, inbox.CauseRetry, at); err != nil {
			return ref, false, err
		}
		return c.ref(), true, nil
	}
	return ref, false, nil
}

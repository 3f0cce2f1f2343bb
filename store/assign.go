package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Decide answers an assignment question; it is routing.Assign.
type Decide func(inbox.AssignmentQuestion) inbox.AssignmentDecision

// AssignRequest asks for an assignment of a conversation's episode.
type AssignRequest struct {
	Ref inbox.EpisodeRef
	// Key names the question within the episode: asked again under the same key,
	// it gets the same answer.
	Key   string
	Cause inbox.AssignmentCause
	At    time.Time
}

// Assigned is the answer to an AssignRequest.
type Assigned struct {
	Decision inbox.AssignmentDecision
	Status   inbox.Status
	// ContactID is whose conversation it is; a merge may have changed it.
	ContactID string
	// WaitingSince is set while the conversation is in the queue.
	WaitingSince time.Time
	// AnswerBy is when the conversation is taken from its assignee (B4); zero is
	// never.
	AnswerBy time.Time
	// Nudge are conversations that waited longer and were assigned first (B2):
	// their workflows have to be told.
	Nudge []inbox.EpisodeRef
	// Freed is the agent who let the conversation pass and has a free place now:
	// the backlog is to be drained towards him (B2).
	Freed string
}

// errOvertakes rolls back a decision for an agent whom somebody in the queue
// may be waiting for.
var errOvertakes = errors.New("the queue has to be asked first")

// Assign is the claim, the only way anything is assigned automatically: it
// finds the candidates, decides, and writes the decision, so that a
// conversation gets one assignee and no agent is led past his capacity, whatever
// runs at once in however many processes (B1). Before an agent is claimed, what
// waits for him longer or more urgently is (B2).
func (s *Store) Assign(ctx context.Context, req AssignRequest, decide Decide) (Assigned, error) {
	req.At = stored(req.At)
	var nudge []inbox.EpisodeRef
	queueFirst := false
	for {
		var assigned Assigned
		var ahead inbox.EpisodeRef
		err := s.tx(ctx, func(t *tx) (err error) {
			assigned, ahead, err = s.assignOrPrecede(t, req, decide, queueFirst)
			return err
		})
		switch {
		case errors.Is(err, errOutdated):
		case errors.Is(err, errOvertakes):
			queueFirst = true
		case err != nil:
			return Assigned{Nudge: nudge}, fmt.Errorf("assign conversation: %w", err)
		case ahead.ConversationID != "":
			nudge = append(nudge, ahead)
		default:
			assigned.Nudge = nudge
			return assigned, nil
		}
	}
}

// assignOrPrecede assigns the conversation, or one from the queue that goes
// before it, which it then returns. queueFirst takes the claims lock alone, as
// the queue needs; without it errOvertakes says that the queue has to be asked.
func (s *Store) assignOrPrecede(
	t *tx, req AssignRequest, decide Decide, queueFirst bool,
) (assigned Assigned, ahead inbox.EpisodeRef, err error) {
	if err := s.lockClaims(t, queueFirst); err != nil {
		return assigned, ahead, err
	}
	read, err := claimFactsOf(t, req.Ref.ConversationID)
	if err != nil {
		return assigned, ahead, err
	}
	if decision, settled := read.settled(req); settled {
		return read.assigned(req, decision), ahead, t.clearNudge(&read.conversationRow)
	}
	c := read
	c.release(req.Cause)
	decision, candidates, err := s.decideOn(t, &c, req.At, decide, !queueFirst)
	if err != nil {
		return assigned, ahead, err
	}
	if decision.Outcome == inbox.OutcomeAgent && candidates.awaited(decision.AssigneeID) {
		if !queueFirst {
			return assigned, ahead, errOvertakes
		}
		w := walk{agentID: decision.AssigneeID, before: c.place(c.waitsFrom(req.At))}
		ahead, found, err := s.claimNext(t, &w, req.At, decide)
		if found || err != nil {
			return assigned, ahead, err
		}
	}
	c.DecisionKey, c.NudgeAt = req.Key, stamp{}
	if err := t.save(&read, &c, decision, req.Cause, req.At); err != nil {
		return assigned, ahead, err
	}
	return c.assigned(req, decision), ahead, nil
}

// clearNudge notes that the conversation's workflow knows of its assignment.
func (t *tx) clearNudge(c *conversationRow) error {
	if c.NudgeAt.IsZero() {
		return nil
	}
	if err := t.Model(&conversationRow{}).Where("id = ?", c.ID).Update("nudge_at", nil).Error; err != nil {
		return fmt.Errorf("clear nudge: %w", err)
	}
	return nil
}

package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// AssignInput asks for an assignment. Key is unique per question of an episode:
// the same key is answered with the same decision.
type AssignInput struct {
	Ref   inbox.EpisodeRef      `json:"ref"`
	Key   string                `json:"key"`
	Cause inbox.AssignmentCause `json:"cause"`
}

// Assigned is the decision with its reasons (B6) and what follows from it.
type Assigned struct {
	Decision inbox.AssignmentDecision `json:"decision"`
	Status   inbox.Status             `json:"status"`
	// ContactID is whose conversation it is; a merge may have changed it (M9).
	ContactID    string    `json:"contact_id,omitempty"`
	WaitingSince time.Time `json:"waiting_since,omitzero"`
	// AnswerBy is when the next agent is asked (B4); zero is never.
	AnswerBy time.Time `json:"answer_by,omitzero"`
	// Freed is the agent who let it pass and has a free place now.
	Freed string `json:"freed,omitempty"`
}

// Assign claims an agent for the conversation, or queues it (G3 to G8, B1 to
// B6). It is the only way anything is assigned automatically.
func (a *Activities) Assign(ctx context.Context, in AssignInput) (Assigned, error) {
	assigned, err := a.Store.Assign(ctx, store.AssignRequest{
		Ref: in.Ref, Key: in.Key, Cause: in.Cause, At: a.Now(),
	}, routing.Assign)
	a.nudge(ctx, assigned.Nudge)
	if err != nil {
		return Assigned{}, final(fmt.Errorf("assign: %w", err))
	}
	return Assigned{
		Decision:     assigned.Decision,
		Status:       assigned.Status,
		ContactID:    assigned.ContactID,
		WaitingSince: assigned.WaitingSince,
		AnswerBy:     assigned.AnswerBy,
		Freed:        assigned.Freed,
	}, nil
}

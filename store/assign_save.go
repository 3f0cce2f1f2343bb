package store

import (
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// automation is the actor of what no agent did.
var automation = inbox.Author{Kind: inbox.AuthorAutomation}

// decisionData is an assignment in the timeline, with its reasons (B6).
type decisionData struct {
	inbox.AssignmentDecision
	Episode int                   `json:"episode"`
	Cause   inbox.AssignmentCause `json:"cause,omitempty"`
	// PreviousAgentID had the conversation until then.
	PreviousAgentID string `json:"previous_agent_id,omitempty"`
}

// passedData says who let an episode pass (B4).
type passedData struct {
	Episode int    `json:"episode"`
	AgentID string `json:"agent_id"`
}

// decisionColumns are what a decision changes.
var decisionColumns = []string{
	"status", "assignee_id", "team_id", "given_team_id", "previous_assignee_id", "passed_agent_ids", "waiting_since",
	"snoozed_until", "decision", "decision_key", "answer_by", "nudge_at",
}

// save carries out a decision about the conversation, which was read before and
// is c now. It is errOutdated when somebody else changed it since.
func (t *tx) save(read, c *claimFacts, decision inbox.AssignmentDecision, cause inbox.AssignmentCause, at time.Time) error {
	c.apply(decision, at)
	if c.AssigneeID != "" {
		turn := t.Model(&agentRow{}).Where("id = ?", c.AssigneeID).Update("last_assigned_at", stampOf(at))
		if turn.Error != nil {
			return fmt.Errorf("record the agent's turn: %w", turn.Error)
		}
	}
	if err := t.update(&read.conversationRow, &c.conversationRow); err != nil {
		return err
	}
	if cause == inbox.CauseUnanswered && read.AssigneeID != "" {
		t.event(&c.conversationRow, inbox.EventUnanswered, automation, passedData{c.Episode, read.AssigneeID}, at)
	}
	if err := t.ownTicket(&c.conversationRow, at); err != nil {
		return err
	}
	if kind := read.eventOf(decision); kind != "" {
		t.event(&c.conversationRow, kind, automation, decisionData{decision, c.Episode, cause, read.AssigneeID}, at)
	}
	switch waited, waits := read.Status == inbox.StatusWaiting, c.Status == inbox.StatusWaiting; {
	case waits && !waited:
		return t.enterQueue(c)
	case waited && !waits:
		return t.leaveQueue(c.ID)
	default:
		return nil
	}
}

// apply makes the conversation what the decision says.
func (c *claimFacts) apply(decision inbox.AssignmentDecision, at time.Time) {
	waitsFrom := stampOf(c.waitsFrom(at))
	c.Decision.V, c.AssigneeID, c.TeamID = &decision, decision.AssigneeID, decision.TeamID
	c.Status, c.WaitingSince, c.AnswerBy = inbox.StatusOpen, stamp{}, stamp{}
	switch decision.Outcome {
	case inbox.OutcomeAgent:
		if within := answerWithin(c.ChannelKind, c.rule); within > 0 {
			c.AnswerBy = stampOf(at.Add(within))
		}
	case inbox.OutcomeWaiting:
		c.Status, c.WaitingSince = inbox.StatusWaiting, waitsFrom
	}
}

// answerWithin is how long an assignee has to answer (B4); 0 is no limit. A call
// rings for as long as its channel says instead.
func answerWithin(kind inbox.ChannelKind, rule inbox.Assignment) time.Duration {
	if kind == inbox.KindCall {
		return 0
	}
	return time.Duration(rule.AnswerWithin) * time.Second
}

// eventOf returns what the timeline calls the decision; "" when it only repeats
// what the timeline says.
func (c *claimFacts) eventOf(decision inbox.AssignmentDecision) inbox.EventKind {
	before := c.Decision.V
	repeated := before != nil && before.Outcome == decision.Outcome && before.Reason == decision.Reason &&
		slices.Equal(before.Candidates, decision.Candidates)
	switch decision.Outcome {
	case inbox.OutcomeAgent:
		return inbox.EventAssigned
	case inbox.OutcomeWaiting:
		if !repeated || c.Status != inbox.StatusWaiting {
			return inbox.EventWaiting
		}
	default:
		if !repeated {
			return inbox.EventTriage
		}
	}
	return ""
}

// update writes what a decision changes, provided that the conversation is
// still as it was read.
func (t *tx) update(read, c *conversationRow) error {
	update := t.Model(&conversationRow{}).
		Where("id = ? AND episode = ? AND status = ? AND assignee_id = ? AND given_team_id = ? AND decision_key = ?",
			read.ID, read.Episode, read.Status, read.AssigneeID, read.GivenTeamID, read.DecisionKey).
		Select(decisionColumns).Updates(c)
	if update.Error != nil {
		return fmt.Errorf("save decision: %w", update.Error)
	}
	if update.RowsAffected == 0 {
		return errOutdated
	}
	return nil
}

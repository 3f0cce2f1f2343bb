package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"switchboard/inbox"
)

// AssignTo gives a conversation to an agent by hand, seat and capacity or not,
// and takes it out of the queue and out of sleep. It returns the agent who got
// a place free, "" when nobody did. Repeating it changes nothing and returns
// the same.
func (s *Store) AssignTo(ctx context.Context, id, agentID string, actor inbox.Author, at time.Time) (freed string, err error) {
	return s.handOver(ctx, id, actor, at, func(t *tx, c *conversationRow) (bool, error) {
		if c.AssigneeID == agentID && c.Status != inbox.StatusSnoozed {
			return false, nil
		}
		agent, err := take[agentRow](t.Where("id = ?", agentID), "agent")
		if inbox.CodeOf(err) == inbox.CodeNotFound {
			return false, inbox.Invalid("agent_id", "There is no such agent.")
		}
		if err != nil {
			return false, err
		}
		if !agent.agent().CanSee(c.InboxID) {
			return false, inbox.Invalid("agent_id", "This agent has no access to the conversation's inbox.")
		}
		c.AssigneeID, c.GivenTeamID = agentID, ""
		c.Decision.V = &inbox.AssignmentDecision{
			Outcome: inbox.OutcomeAgent, Reason: inbox.ReasonManual, AssigneeID: agentID,
		}
		return true, nil
	})
}

// AssignToTeam gives a conversation to a team by hand: nobody has it until
// Assign (CauseTeam) finds a member, and routing stays within the team. It
// returns what AssignTo does.
func (s *Store) AssignToTeam(ctx context.Context, id, teamID string, actor inbox.Author, at time.Time) (freed string, err error) {
	return s.handOver(ctx, id, actor, at, func(t *tx, c *conversationRow) (bool, error) {
		if c.AssigneeID == "" && c.GivenTeamID == teamID && c.Status == inbox.StatusOpen {
			return false, nil
		}
		if err := refer[teamRow](t, "team", "team_id", teamID); err != nil {
			return false, err
		}
		c.AssigneeID, c.GivenTeamID = "", teamID
		c.Decision.V = &inbox.AssignmentDecision{
			Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonManual, TeamID: teamID,
		}
		return true, nil
	})
}

// Unassign leaves a conversation to the team's triage. It returns what AssignTo
// does.
func (s *Store) Unassign(ctx context.Context, id string, actor inbox.Author, at time.Time) (freed string, err error) {
	return s.handOver(ctx, id, actor, at, func(_ *tx, c *conversationRow) (bool, error) {
		if c.AssigneeID == "" && c.GivenTeamID == "" && c.Status == inbox.StatusOpen {
			return false, nil
		}
		c.AssigneeID, c.GivenTeamID = "", ""
		c.Decision.V = &inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonManual}
		return true, nil
	})
}

// handOver changes who has the conversation. give sets the new assignee or team
// and the decision, and returns false when the conversation is there already.
func (s *Store) handOver(
	ctx context.Context, id string, actor inbox.Author, at time.Time, give func(*tx, *conversationRow) (bool, error),
) (freed string, err error) {
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(id)
		if err != nil {
			return err
		}
		if c.Status == inbox.StatusClosed {
			return errClosed()
		}
		read := c
		given, err := give(t, &c)
		if err != nil {
			return err
		}
		if !given {
			freed, err = t.freedBefore(id)
			return err
		}
		c.TeamID, c.Status, c.SnoozedUntil = c.GivenTeamID, inbox.StatusOpen, stamp{}
		if err := t.handTo(&read, &c, actor, at); err != nil {
			return err
		}
		freed = freedBy(read, c)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("hand conversation over: %w", err)
	}
	return freed, nil
}

// handTo carries out the decision in c, which an agent made and which takes the
// conversation out of the queue; read is how it was.
func (t *tx) handTo(read, c *conversationRow, actor inbox.Author, at time.Time) error {
	c.WaitingSince, c.AnswerBy, c.NudgeAt = stamp{}, stamp{}, stamp{}
	if err := t.update(read, c); err != nil {
		return err
	}
	if err := t.ownTicket(c, at); err != nil {
		return err
	}
	kind := inbox.EventAssigned
	if c.AssigneeID == "" && c.TeamID == "" {
		kind = inbox.EventTriage
	}
	t.event(c, kind, actor, decisionData{
		AssignmentDecision: *c.Decision.V, Episode: c.Episode, PreviousAgentID: read.AssigneeID,
	}, at)
	if read.Status == inbox.StatusWaiting {
		return t.leaveQueue(c.ID)
	}
	return nil
}

// freedBy returns the agent whom a change left with one active conversation
// less.
func freedBy(before, after conversationRow) string {
	if before.Status.Active() && (after.AssigneeID != before.AssigneeID || !after.Status.Active()) {
		return before.AssigneeID
	}
	return ""
}

// freedBefore returns who had the conversation before its last handing over:
// the answer to a repeated request, whose first answer was lost.
func (t *tx) freedBefore(id string) (string, error) {
	var data decisionData
	_, err := t.lastEvent(id, &data, inbox.EventAssigned, inbox.EventTriage)
	return data.PreviousAgentID, err
}

// lastEvent reads a conversation's last event of some kinds, with its data. The
// row's id is 0 when there is none.
func (t *tx) lastEvent(conversationID string, data any, kinds ...inbox.EventKind) (eventRow, error) {
	var rows []eventRow
	err := t.Where("conversation_id = ? AND kind IN ?", conversationID, kinds).Order("id DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return eventRow{}, err
	}
	if err := json.Unmarshal(rows[0].Data.V, data); err != nil {
		return eventRow{}, fmt.Errorf("read event data: %w", err)
	}
	return rows[0], nil
}

func (t *tx) lockConversation(id string) (conversationRow, error) {
	return take[conversationRow](t.Clauses(forUpdate).Where("id = ?", id), "conversation")
}

// errClosed refuses what only an open conversation can take.
func errClosed() error {
	refusal := inbox.Errorf(inbox.CodeConversationDone, "The conversation is closed.")
	refusal.Remedy = "Reopen it first."
	return refusal
}

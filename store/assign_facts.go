package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"switchboard/inbox"
)

// claimFacts are a conversation and what its assignment depends on besides the
// candidates.
type claimFacts struct {
	conversationRow
	rule          inbox.Assignment
	inboxCapacity int
	// ownerID is the contact's owner.
	ownerID string
}

type claimRow struct {
	Conversation  conversationRow `gorm:"embedded"`
	Rule          jsonOf[inbox.Assignment]
	InboxCapacity int
	OwnerID       string
}

func (r claimRow) facts() claimFacts {
	return claimFacts{r.Conversation, r.Rule.V, r.InboxCapacity, r.OwnerID}
}

const (
	claimColumns = `c.*, r.assignment AS rule, i.agent_capacity AS inbox_capacity,
		COALESCE((SELECT owner_id FROM contacts WHERE id = c.contact_id), '') AS owner_id`
	claimJoins = `
		JOIN channel_revisions r ON r.channel_id = c.channel_id AND r.revision = c.channel_revision
		JOIN inboxes i ON i.id = c.inbox_id`
)

func claimFactsOf(t *tx, id string) (claimFacts, error) {
	row, err := take[claimRow](t.Raw(`SELECT `+claimColumns+` FROM conversations c`+claimJoins+` WHERE c.id = ?`, id), "conversation")
	return row.facts(), err
}

// routed reports whether the conversation is assigned automatically at all.
func (c *claimFacts) routed() bool {
	mode := c.rule.Mode
	return c.GivenTeamID != "" || mode == inbox.AssignSpecific || mode == inbox.AssignOwner
}

// targets are the agents and teams the conversation can go to, without the
// contact's owner.
func (c *claimFacts) targets() (agentIDs, teamIDs []string) {
	rule := c.rule
	switch {
	case c.GivenTeamID != "":
		return nil, []string{c.GivenTeamID}
	case !c.routed():
		return nil, nil
	case rule.Mode == inbox.AssignSpecific:
		agentIDs, teamIDs = rule.AgentIDs, slices.Clip(rule.TeamIDs)
	}
	if rule.FallbackTeamID != "" {
		teamIDs = append(teamIDs, rule.FallbackTeamID)
	}
	return agentIDs, teamIDs
}

// byOwner reports whether the conversation can go to the contact's owner.
func (c *claimFacts) byOwner() bool {
	return c.GivenTeamID == "" && c.rule.Mode == inbox.AssignOwner
}

// settled returns the answer to a request that changes nothing.
func (c *claimFacts) settled(req AssignRequest) (inbox.AssignmentDecision, bool) {
	current := c.Episode == req.Ref.Episode
	switch {
	case current && c.Decision.V != nil && c.DecisionKey == req.Key:
		return *c.Decision.V, true
	case !current || !c.Status.Active():
		return inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonNotRouted}, true
	case c.AssigneeID != "" && !c.routed():
		return inbox.AssignmentDecision{
			Outcome: inbox.OutcomeAgent, Reason: inbox.ReasonStands, AssigneeID: c.AssigneeID, TeamID: c.TeamID,
		}, true
	case c.Decision.V == nil || c.open(req.Cause):
		return inbox.AssignmentDecision{}, false
	default:
		return *c.Decision.V, true
	}
}

// open reports whether the cause reopens the question that the last decision
// answered. Anything else that was assigned, or unassigned by an agent, stands.
func (c *claimFacts) open(cause inbox.AssignmentCause) bool {
	switch cause {
	case inbox.CauseReopened:
		return true
	case inbox.CauseUnanswered:
		return c.AssigneeID != ""
	case inbox.CauseRetry:
		return c.Status == inbox.StatusWaiting
	default:
		return c.AssigneeID == ""
	}
}

// release takes the conversation from its assignee when that is the cause.
func (c *claimFacts) release(cause inbox.AssignmentCause) {
	if c.AssigneeID == "" {
		return
	}
	switch cause {
	case inbox.CauseReopened:
		c.PreviousAssigneeID = c.AssigneeID
	case inbox.CauseUnanswered:
		c.PassedAgentIDs = append(slices.Clip(c.PassedAgentIDs), c.AssigneeID)
	}
	c.AssigneeID = ""
}

// assigned is the conversation as the answer to a request.
func (c *claimFacts) assigned(req AssignRequest, decision inbox.AssignmentDecision) Assigned {
	a := Assigned{
		Decision: decision, Status: c.Status, ContactID: c.ContactID, WaitingSince: c.WaitingSince.Time, AnswerBy: c.AnswerBy.Time,
	}
	if req.Cause == inbox.CauseUnanswered && len(c.PassedAgentIDs) > 0 {
		a.Freed = c.PassedAgentIDs[len(c.PassedAgentIDs)-1]
	}
	return a
}

// candidateRow is an agent with what counts for one conversation.
type candidateRow struct {
	Agent         agentRow `gorm:"embedded"`
	Active        int
	ActiveInInbox int
	// TeamIDs are separated by commas.
	TeamIDs string
	// Awaited is set when something in the queue leads to the agent.
	Awaited bool
}

type candidateRows []candidateRow

func (rows candidateRows) awaited(agentID string) bool {
	return slices.ContainsFunc(rows, func(r candidateRow) bool { return r.Agent.ID == agentID && r.Awaited })
}

func (r candidateRow) candidate() inbox.Candidate {
	c := inbox.Candidate{
		Agent: r.Agent.agent(), Active: r.Active, ActiveInInbox: r.ActiveInInbox, LastAssignedAt: r.Agent.LastAssignedAt.Time,
	}
	if r.TeamIDs != "" {
		c.TeamIDs = strings.Split(r.TeamIDs, ",")
	}
	return c
}

// decideOn asks for a decision with every candidate as he is now. lock keeps
// the candidates from other claims until the transaction ends; a transaction
// that is alone with the claims need not.
func (s *Store) decideOn(
	t *tx, c *claimFacts, at time.Time, decide Decide, lock bool,
) (inbox.AssignmentDecision, candidateRows, error) {
	rows, err := s.candidates(t, c, lock)
	if err != nil {
		return inbox.AssignmentDecision{}, nil, err
	}
	return decide(inbox.AssignmentQuestion{
		At: at, InboxID: c.InboxID, Kind: c.ChannelKind, Rule: c.rule, TeamID: c.GivenTeamID, ContactOwnerID: c.ownerID,
		PreviousAssigneeID: c.PreviousAssigneeID, PassedAgentIDs: c.PassedAgentIDs,
		InboxCapacity: c.inboxCapacity, Candidates: convert(rows, candidateRow.candidate),
	}), rows, nil
}

const (
	candidatesFrom = ` FROM agents a WHERE a.id IN @agents
		OR a.id IN (SELECT agent_id FROM team_members WHERE team_id IN @teams) ORDER BY a.id`
	// activeOf counts in the index alone, and only where a capacity or the strategy
	// asks for it; the conversation itself is taken off.
	activeOf = `(SELECT count(*) FROM conversations x
		WHERE x.assignee_id = a.id AND x.assignee_id <> '' AND x.status IN ('open', 'waiting')`
	itself = `(SELECT count(*) FROM conversations x
		WHERE x.id = @conversation AND x.assignee_id = a.id AND x.status IN ('open', 'waiting'))`
)

// candidates loads the agents the conversation can go to. They are locked
// before they are read, since a statement sees the data of its beginning.
func (s *Store) candidates(t *tx, c *claimFacts, lock bool) (candidateRows, error) {
	agentIDs, teamIDs := c.targets()
	if c.byOwner() && c.ownerID != "" {
		agentIDs = []string{c.ownerID}
	}
	if len(agentIDs) == 0 && len(teamIDs) == 0 {
		return nil, nil
	}
	arguments := map[string]any{
		"agents": agentIDs, "teams": teamIDs, "conversation": c.ID, "inbox": c.InboxID,
		"by_load": c.rule.Strategy == inbox.LeastBusy, "inbox_limits": c.inboxCapacity > 0,
	}
	if lock && s.postgres {
		if err := t.Exec(`SELECT a.id`+candidatesFrom+` FOR NO KEY UPDATE`, arguments).Error; err != nil {
			return nil, fmt.Errorf("lock candidates: %w", err)
		}
	}
	var rows candidateRows
	err := t.Raw(`SELECT a.*,
			CASE WHEN a.capacity > 0 OR @by_load THEN `+activeOf+`) - `+itself+` ELSE 0 END AS active,
			CASE WHEN @inbox_limits THEN `+activeOf+` AND x.inbox_id = @inbox) - `+itself+` ELSE 0 END AS active_in_inbox,
			COALESCE((SELECT string_agg(m.team_id, ',') FROM team_members m WHERE m.agent_id = a.id), '') AS team_ids,
			EXISTS (SELECT 1 FROM queue_entries q WHERE q.target_id = a.id AND q.conversation_id <> @conversation)
			OR EXISTS (SELECT 1 FROM team_members m JOIN queue_entries q ON q.target_id = m.team_id
				WHERE m.agent_id = a.id AND q.conversation_id <> @conversation) AS awaited`+
		candidatesFrom, arguments).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load candidates: %w", err)
	}
	return rows, nil
}

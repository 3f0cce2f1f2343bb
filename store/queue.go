package store

import (
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// queueEntryRow leads from an agent or a team to a waiting conversation. A
// conversation has one for each that it may go to, so that the first one for an
// agent is found at once however long the queue is (B2).
type queueEntryRow struct {
	ConversationID string
	TargetID       string
	ByOwner        bool
	Turn           int
	WaitingSince   stamp
	Route          string
}

func (queueEntryRow) TableName() string { return "queue_entries" }

// place is a conversation's place in the queue: the higher priority first, then
// the longer waiting.
type place struct {
	// turn is minus the priority's rank.
	turn  int
	since stamp
	id    string
}

// place is where the conversation waits, or would from now on.
func (c *claimFacts) place(at time.Time) place {
	since := c.WaitingSince
	if since.IsZero() {
		since = stampOf(at)
	}
	return place{turn: -c.PriorityRank, since: since, id: c.ID}
}

// route names the rule: the channel at its revision.
func (c *claimFacts) route() string { return fmt.Sprintf("%s/%d", c.ChannelID, c.ChannelRevision) }

// enterQueue puts a waiting conversation in line for whomever it may go to.
func (t *tx) enterQueue(c *claimFacts) error {
	where := c.place(c.WaitingSince.Time)
	var entries []queueEntryRow
	enter := func(targetID string, byOwner bool) {
		entries = append(entries, queueEntryRow{
			ConversationID: c.ID, TargetID: targetID, ByOwner: byOwner,
			Turn: where.turn, WaitingSince: where.since, Route: c.route(),
		})
	}
	agentIDs, teamIDs := c.targets()
	for _, id := range agentIDs {
		enter(id, false)
	}
	for _, id := range teamIDs {
		enter(id, false)
	}
	if c.byOwner() {
		enter(c.ownerID, true)
	}
	if len(entries) == 0 {
		return nil
	}
	// A rule may name an agent twice.
	if err := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&entries).Error; err != nil {
		return fmt.Errorf("enter queue: %w", err)
	}
	return nil
}

func (t *tx) leaveQueue(conversationID string) error {
	if err := t.Where("conversation_id = ?", conversationID).Delete(&queueEntryRow{}).Error; err != nil {
		return fmt.Errorf("leave queue: %w", err)
	}
	return nil
}

// followOwner leads a contact's waiting conversations to the owner the contact
// has from now on. The transaction is alone with the claims.
func (t *tx) followOwner(contactID, ownerID string) error {
	err := t.Model(&queueEntryRow{}).
		Where("by_owner AND conversation_id IN (SELECT id FROM conversations WHERE contact_id = ?)", contactID).
		Update("target_id", ownerID).Error
	if err != nil {
		return fmt.Errorf("lead queue to the new owner: %w", err)
	}
	return nil
}

// walk goes through the part of the queue that leads to one agent, in order.
type walk struct {
	agentID string
	// before ends the walk; nil goes on to the queue's end.
	before *place
	// after is the last place that was passed over, skipped the routes that lead
	// to the agent in vain.
	after   *place
	skipped []string
	done    bool
}

// next returns the first conversation of the walk that was not passed over. It
// asks for the head of each line the agent stands at: his own and his teams'.
func (w *walk) next(t *tx) (claimFacts, bool, error) {
	arguments := map[string]any{"agent": w.agentID, "skipped": w.skipped}
	var part strings.Builder
	bound := func(comparison, name string, p *place) {
		if p != nil {
			fmt.Fprintf(&part, " AND (q.turn, q.waiting_since, q.conversation_id) %s (@%[2]s_turn, @%[2]s_since, @%[2]s_id)", comparison, name)
			arguments[name+"_turn"], arguments[name+"_since"], arguments[name+"_id"] = p.turn, p.since, p.id
		}
	}
	bound(">", "after", w.after)
	bound("<", "before", w.before)
	if len(w.skipped) > 0 {
		part.WriteString(" AND q.route NOT IN @skipped")
	}
	var rows []claimRow
	err := t.Raw(`SELECT `+claimColumns+` FROM (
			SELECT (SELECT q.conversation_id FROM queue_entries q WHERE q.target_id = line.id`+part.String()+`
				ORDER BY q.turn, q.waiting_since, q.conversation_id LIMIT 1) AS id
			FROM (SELECT CAST(@agent AS text) AS id
				UNION ALL SELECT team_id FROM team_members WHERE agent_id = @agent) line) head
		JOIN conversations c ON c.id = head.id`+claimJoins+`
		ORDER BY c.priority_rank DESC, c.waiting_since, c.id LIMIT 1`, arguments).Scan(&rows).Error
	if err != nil {
		return claimFacts{}, false, fmt.Errorf("look into the queue: %w", err)
	}
	if len(rows) == 0 {
		return claimFacts{}, false, nil
	}
	return rows[0].facts(), true, nil
}

// passOver goes past a conversation that nobody is eligible for, and past all
// that the same reason keeps from the agent: that keeps a walk short.
func (w *walk) passOver(c *claimFacts, decision inbox.AssignmentDecision) {
	switch verdictOn(w.agentID, decision) {
	case inbox.ReasonNoSeat, inbox.ReasonAtCapacity:
		w.done = true
	case inbox.ReasonAway, inbox.ReasonOutsideHours, inbox.ReasonChannelClosed,
		inbox.ReasonAtInboxCapacity, inbox.ReasonNoInboxAccess:
		w.skipped = append(w.skipped, c.route())
	default:
		where := c.place(time.Time{})
		w.after = &where
	}
}

func verdictOn(agentID string, decision inbox.AssignmentDecision) inbox.Reason {
	for _, verdict := range decision.Candidates {
		if verdict.AgentID == agentID {
			return verdict.Reason
		}
	}
	return ""
}

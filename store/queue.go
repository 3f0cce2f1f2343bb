package store

import (
	"fmt"
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
	Route          string
	Place          string
}

func (queueEntryRow) TableName() string { return "queue_entries" }

// place is where a conversation that waits since then stands in the queue, as
// text that sorts: the higher priority first, then the longer waiting, then the
// older. The id is what follows the first placeWidth bytes.
func (c *conversationRow) place(since time.Time) string {
	return fmt.Sprintf("%d %s %s", inbox.PriorityUrgent.Rank()-c.PriorityRank, since.UTC().Format(stampFormat), c.ID)
}

const placeWidth = len("0 " + stampFormat + " ")

// waitsFrom is when the conversation's waiting began, or would begin at a time.
func (c *conversationRow) waitsFrom(at time.Time) time.Time {
	if c.WaitingSince.IsZero() {
		return at
	}
	return c.WaitingSince.Time
}

// route names the rule: the channel at its revision.
func (c *claimFacts) route() string { return fmt.Sprintf("%s/%d", c.ChannelID, c.ChannelRevision) }

// enterQueue puts a waiting conversation in line for whomever it may go to.
func (t *tx) enterQueue(c *claimFacts) error {
	place := c.place(c.WaitingSince.Time)
	var entries []queueEntryRow
	enter := func(targetID string, byOwner bool) {
		entries = append(entries, queueEntryRow{
			ConversationID: c.ID, TargetID: targetID, ByOwner: byOwner, Route: c.route(), Place: place,
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
	// before is the place that ends the walk; "" goes on to the queue's end.
	before string
	// after is the last place that was passed over, skipped are the routes that
	// lead to the agent in vain.
	after   string
	skipped []string
	done    bool
}

// next returns the first conversation of the walk that was not passed over. It
// asks for the head of each line that leads to the agent, his own and his
// teams', by route: a step for each line, however many stand in it.
func (w *walk) next(t *tx) (claimFacts, bool, error) {
	bounds := " AND q.place > @after"
	if w.before != "" {
		bounds += " AND q.place < @before"
	}
	var rows []claimRow
	err := t.Raw(`
		WITH RECURSIVE lines (target_id, route) AS (
			SELECT target.id, (SELECT min(q.route) FROM queue_entries q WHERE q.target_id = target.id)
			FROM (SELECT CAST(@agent AS text) AS id
				UNION ALL SELECT team_id FROM team_members WHERE agent_id = @agent) target
			UNION ALL
			SELECT target_id, (SELECT min(q.route) FROM queue_entries q
				WHERE q.target_id = lines.target_id AND q.route > lines.route)
			FROM lines WHERE route IS NOT NULL
		), heads (place) AS (
			SELECT (SELECT min(q.place) FROM queue_entries q
				WHERE q.target_id = lines.target_id AND q.route = lines.route`+bounds+`)
			FROM lines WHERE route NOT IN @skipped
		)
		SELECT `+claimColumns+` FROM conversations c`+claimJoins+`
		WHERE c.id = (SELECT substr(min(place), @id) FROM heads)`,
		map[string]any{
			"agent": w.agentID, "after": w.after, "before": w.before, "id": placeWidth + 1,
			"skipped": append([]string{""}, w.skipped...),
		}).Scan(&rows).Error
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
		inbox.ReasonAtInboxCapacity, inbox.ReasonNoInboxAccess, inbox.ReasonNoPhone:
		w.skipped = append(w.skipped, c.route())
	default:
		w.after = c.place(c.WaitingSince.Time)
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

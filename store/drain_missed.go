package store

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// Awaited lists the agents with a seat who are available and whom something in
// the queue leads to. The queue is drained towards an agent at once; this finds
// those for whom that was missed, because Temporal was away (B2).
func (s *Store) Awaited(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.reading(ctx).Model(&agentRow{}).
		Where("seat AND availability = ?", inbox.Available).
		Where(`(EXISTS (SELECT 1 FROM queue_entries q WHERE q.target_id = agents.id)
			OR EXISTS (SELECT 1 FROM team_members m JOIN queue_entries q ON q.target_id = m.team_id WHERE m.agent_id = agents.id))`).
		Order("id").Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list awaited agents: %w", err)
	}
	return ids, nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// CreateAgent stores a new agent under a new id. An e-mail address that
// another agent has is CodeConflict, a team's CodePersonalMailbox (G15).
func (s *Store) CreateAgent(ctx context.Context, agent inbox.Agent) (inbox.Agent, error) {
	row := agentRow{
		ID: NewID(), Name: agent.Name, Email: agent.Email, Admin: agent.Admin, Seat: agent.Seat,
		Availability: agent.Availability, Capacity: agent.Capacity, Hours: jsonOf[*inbox.Hours]{agent.Hours},
		InboxIDs: agent.InboxIDs, CreatedAt: stampOf(time.Now()),
	}
	err := s.tx(ctx, func(t *tx) error {
		if err := s.lockAddresses(t); err != nil {
			return err
		}
		if err := t.checkAgentAddress(agent.Email); err != nil {
			return err
		}
		if err := refer[inboxRow](t, "inbox", "inbox_ids", agent.InboxIDs...); err != nil {
			return err
		}
		return t.Create(&row).Error
	})
	if err != nil {
		return inbox.Agent{}, agentError(err)
	}
	return row.agent(), nil
}

// UpdateAgent replaces everything about an agent but the availability, which
// is the agent's own: see SetAvailability.
func (s *Store) UpdateAgent(ctx context.Context, agent inbox.Agent) (inbox.Agent, error) {
	var row agentRow
	err := s.tx(ctx, func(t *tx) error {
		if err := s.lockAddresses(t); err != nil {
			return err
		}
		if err := t.checkAgentAddress(agent.Email); err != nil {
			return err
		}
		if err := refer[inboxRow](t, "inbox", "inbox_ids", agent.InboxIDs...); err != nil {
			return err
		}
		update := t.Model(&agentRow{}).Where("id = ?", agent.ID).Updates(map[string]any{
			"name": agent.Name, "email": agent.Email, "admin": agent.Admin, "seat": agent.Seat,
			"capacity": agent.Capacity, "hours": jsonOf[*inbox.Hours]{agent.Hours},
			"inbox_ids": list[string](agent.InboxIDs),
		})
		if err := changed(update, "agent"); err != nil {
			return err
		}
		var err error
		row, err = take[agentRow](t.Where("id = ?", agent.ID), "agent")
		return err
	})
	if err != nil {
		return inbox.Agent{}, agentError(err)
	}
	return row.agent(), nil
}

func agentError(err error) error {
	return unique(err, inbox.CodeConflict, "Another agent has this e-mail address.")
}

// SetAvailability says whether an agent takes conversations.
func (s *Store) SetAvailability(ctx context.Context, agentID string, availability inbox.Availability) error {
	update := s.write.WithContext(ctx).Model(&agentRow{}).Where("id = ?", agentID).
		Update("availability", availability)
	return changed(update, "agent")
}

// Agent returns one agent.
func (s *Store) Agent(ctx context.Context, id string) (inbox.Agent, error) {
	row, err := take[agentRow](s.reading(ctx).Where("id = ?", id), "agent")
	return row.agent(), err
}

// Agents lists the agents, oldest first.
func (s *Store) Agents(ctx context.Context, page Page) ([]inbox.Agent, string, error) {
	rows, cursor, err := pageByID(s.reading(ctx), page, oldestFirst, func(r agentRow) string { return r.ID })
	return convert(rows, agentRow.agent), cursor, err
}

// AdminAddresses returns the mail addresses of all admins.
func (s *Store) AdminAddresses(ctx context.Context) ([]string, error) {
	var addresses []string
	if err := s.reading(ctx).Model(&agentRow{}).Where("admin").Order("id").Pluck("email", &addresses).Error; err != nil {
		return nil, fmt.Errorf("load admins: %w", err)
	}
	return addresses, nil
}

// AgentsOf returns the agents with these ids and the members of these teams,
// each once.
func (s *Store) AgentsOf(ctx context.Context, agentIDs, teamIDs []string) ([]inbox.Agent, error) {
	var rows []agentRow
	err := s.reading(ctx).
		Where("id IN ? OR id IN (SELECT agent_id FROM team_members WHERE team_id IN ?)", agentIDs, teamIDs).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load agents: %w", err)
	}
	return convert(rows, agentRow.agent), nil
}

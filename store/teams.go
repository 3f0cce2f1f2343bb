package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// CreateTeam stores a new team under a new id. A name that another team has is
// CodeConflict.
func (s *Store) CreateTeam(ctx context.Context, team inbox.Team) (inbox.Team, error) {
	row := teamRow{ID: NewID(), Name: team.Name, AlertEmail: team.AlertEmail, CreatedAt: stampOf(time.Now())}
	err := s.tx(ctx, func(t *tx) error {
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		return t.setMembers(row.ID, team.MemberIDs)
	})
	if err != nil {
		return inbox.Team{}, teamError(err)
	}
	return row.team(team.MemberIDs), nil
}

// UpdateTeam replaces a team's settings and members.
func (s *Store) UpdateTeam(ctx context.Context, team inbox.Team) (inbox.Team, error) {
	err := s.tx(ctx, func(t *tx) error {
		update := t.Model(&teamRow{}).Where("id = ?", team.ID).
			Updates(map[string]any{"name": team.Name, "alert_email": team.AlertEmail})
		if err := changed(update, "team"); err != nil {
			return err
		}
		if err := t.Delete(&teamMemberRow{}, "team_id = ?", team.ID).Error; err != nil {
			return fmt.Errorf("clear team: %w", err)
		}
		return t.setMembers(team.ID, team.MemberIDs)
	})
	if err != nil {
		return inbox.Team{}, teamError(err)
	}
	return team, nil
}

func (t *tx) setMembers(teamID string, agentIDs []string) error {
	if err := refer[agentRow](t, "agent", "member_ids", agentIDs...); err != nil {
		return err
	}
	var rows []teamMemberRow
	for _, agentID := range slices.Compact(slices.Sorted(slices.Values(agentIDs))) {
		rows = append(rows, teamMemberRow{TeamID: teamID, AgentID: agentID})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := t.Create(&rows).Error; err != nil {
		return fmt.Errorf("save team members: %w", err)
	}
	return nil
}

func teamError(err error) error {
	return unique(err, inbox.CodeConflict, "Another team has this name.")
}

// DeleteTeam removes a team. A team that a channel's rule leads to is
// CodeConflict; conversations keep the id.
func (s *Store) DeleteTeam(ctx context.Context, id string) error {
	return s.tx(ctx, func(t *tx) error {
		var channels []channelRow
		if err := t.Where("deleted_at IS NULL").Select("assignment").Find(&channels).Error; err != nil {
			return fmt.Errorf("look for rules: %w", err)
		}
		for _, channel := range channels {
			rule := channel.Assignment.V
			if rule.FallbackTeamID == id || slices.Contains(rule.TeamIDs, id) {
				return inbox.Errorf(inbox.CodeConflict, "A channel's assignment rule leads to this team.")
			}
		}
		return changed(t.Delete(&teamRow{}, "id = ?", id), "team")
	})
}

// Team returns one team with its members.
func (s *Store) Team(ctx context.Context, id string) (inbox.Team, error) {
	row, err := take[teamRow](s.reading(ctx).Where("id = ?", id), "team")
	if err != nil {
		return inbox.Team{}, err
	}
	members, err := s.members(ctx, []string{id})
	return row.team(members[id]), err
}

// Teams lists the teams with their members, oldest first.
func (s *Store) Teams(ctx context.Context, page Page) ([]inbox.Team, string, error) {
	rows, cursor, err := pageByID(s.reading(ctx), page, oldestFirst, func(r teamRow) string { return r.ID })
	members, membersErr := s.members(ctx, convert(rows, func(r teamRow) string { return r.ID }))
	if err := errors.Join(err, membersErr); err != nil {
		return nil, "", err
	}
	return convert(rows, func(r teamRow) inbox.Team { return r.team(members[r.ID]) }), cursor, nil
}

// members returns teams' members in the order of their ids.
func (s *Store) members(ctx context.Context, teamIDs []string) (map[string][]string, error) {
	var rows []teamMemberRow
	if err := s.reading(ctx).Where("team_id IN ?", teamIDs).Order("agent_id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load team members: %w", err)
	}
	members := map[string][]string{}
	for _, row := range rows {
		members[row.TeamID] = append(members[row.TeamID], row.AgentID)
	}
	return members, nil
}

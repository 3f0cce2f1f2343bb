package api

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// ListTeams lists the company's teams.
func (s *server) ListTeams(c *gin.Context, params contract.ListTeamsParams) {
	teams, next, err := s.store.Teams(c.Request.Context(), page(params.Cursor, params.Limit))
	answerPage(c, teams, next, err, teamOut)
}

// GetTeam answers one team.
func (s *server) GetTeam(c *gin.Context, id string) {
	team, err := s.store.Team(c.Request.Context(), id)
	answer(c, http.StatusOK, team, err, teamOut)
}

// CreateTeam creates a team.
func (s *server) CreateTeam(c *gin.Context) {
	team, err := decodeTeam(c, inbox.Team{})
	if err != nil {
		refuse(c, err)
		return
	}
	team, err = s.store.CreateTeam(c.Request.Context(), team)
	answer(c, http.StatusCreated, team, err, teamOut)
}

// UpdateTeam changes a team; what waits for it is assigned to its new members.
func (s *server) UpdateTeam(c *gin.Context, id string) {
	ctx := c.Request.Context()
	before, err := s.store.Team(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	team, err := decodeTeam(c, before)
	if err != nil {
		refuse(c, err)
		return
	}
	team, err = s.store.UpdateTeam(ctx, team)
	if err != nil {
		refuse(c, err)
		return
	}
	for _, agentID := range team.MemberIDs {
		if slices.Contains(before.MemberIDs, agentID) {
			continue
		}
		agent, err := s.store.Agent(ctx, agentID)
		if err != nil {
			refuse(c, err)
			return
		}
		s.agentChanged(ctx, agent)
	}
	c.PureJSON(http.StatusOK, teamOut(team))
}

// DeleteTeam deletes a team that no rule leads to.
func (s *server) DeleteTeam(c *gin.Context, id string) {
	answerDone(c, s.store.DeleteTeam(c.Request.Context(), id))
}

func decodeTeam(c *gin.Context, current inbox.Team) (inbox.Team, error) {
	in, err := decodePatch(c, teamOut(current))
	if err != nil {
		return inbox.Team{}, err
	}
	if in.AlertEmail != nil && !channels.ValidEmail(*in.AlertEmail) {
		return inbox.Team{}, inbox.Invalid("alert_email", "This is not a mail address.")
	}
	return inbox.Team{ID: current.ID, Name: in.Name, MemberIDs: in.MemberIds, AlertEmail: given(in.AlertEmail)}, nil
}

func teamOut(team inbox.Team) contract.Team {
	return contract.Team{
		ID: team.ID, Name: team.Name, MemberIds: listed(team.MemberIDs), AlertEmail: optional(team.AlertEmail),
	}
}

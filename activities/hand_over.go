package activities

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// HandOverInput is an agent's wish: to one agent, to a team, or to nobody when
// both are "".
type HandOverInput struct {
	Ref     inbox.EpisodeRef `json:"ref"`
	AgentID string           `json:"agent_id,omitempty"`
	TeamID  string           `json:"team_id,omitempty"`
	Actor   inbox.Author     `json:"actor"`
}

// HandOver carries out an assignment made by hand and returns the agent who
// got a place free, "" when none did. A team's member is then found by Assign.
func (a *Activities) HandOver(ctx context.Context, in HandOverInput) (string, error) {
	id, now := in.Ref.ConversationID, a.Now()
	var freed string
	var err error
	switch {
	case in.AgentID != "":
		freed, err = a.Store.AssignTo(ctx, id, in.AgentID, in.Actor, now)
	case in.TeamID != "":
		freed, err = a.Store.AssignToTeam(ctx, id, in.TeamID, in.Actor, now)
	default:
		freed, err = a.Store.Unassign(ctx, id, in.Actor, now)
	}
	if err != nil {
		return "", final(fmt.Errorf("hand over: %w", err))
	}
	return freed, nil
}

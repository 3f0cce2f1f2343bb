package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// GetMe answers the calling agent.
func (s *server) GetMe(c *gin.Context) { c.PureJSON(http.StatusOK, agentOut(caller(c))) }

// SetMyAvailability makes the caller available or away.
func (s *server) SetMyAvailability(c *gin.Context) {
	in, err := decode[contract.AvailabilityUpdate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx, agent := c.Request.Context(), caller(c)
	if err := s.store.SetAvailability(ctx, agent.ID, inbox.Availability(in.Status)); err != nil {
		refuse(c, err)
		return
	}
	agent.Availability = inbox.Availability(in.Status)
	s.agentChanged(ctx, agent)
	c.PureJSON(http.StatusOK, agentOut(agent))
}

// agentChanged drains the backlog towards agents who may have become eligible
// (B2). The change is saved by now: when Temporal does not answer, what waits
// is assigned by its own retries.
func (s *server) agentChanged(ctx context.Context, agents ...inbox.Agent) {
	for _, agent := range agents {
		if !agent.Seat {
			continue
		}
		if err := s.conversations.AgentChanged(ctx, agent.ID); err != nil {
			s.log.WarnContext(ctx, "backlog was not drained", "agent_id", agent.ID, "error", err)
		}
	}
}

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// ListAgents lists the company's agents.
func (s *server) ListAgents(c *gin.Context, params contract.ListAgentsParams) {
	agents, next, err := s.store.Agents(c.Request.Context(), page(params.Cursor, params.Limit))
	answerPage(c, agents, next, err, agentFor(caller(c)))
}

// GetAgent answers one agent.
func (s *server) GetAgent(c *gin.Context, id string) {
	agent, err := s.store.Agent(c.Request.Context(), id)
	answer(c, http.StatusOK, agent, err, agentFor(caller(c)))
}

// CreateAgent adds an agent, who is away until they say otherwise.
func (s *server) CreateAgent(c *gin.Context) {
	agent, err := decodeAgent(c, inbox.Agent{Availability: inbox.Away})
	if err != nil {
		refuse(c, err)
		return
	}
	agent, err = s.store.CreateAgent(c.Request.Context(), agent)
	answer(c, http.StatusCreated, agent, err, agentOut)
}

// UpdateAgent changes an agent; what waits for them is assigned at once.
func (s *server) UpdateAgent(c *gin.Context, id string) {
	ctx := c.Request.Context()
	before, err := s.store.Agent(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	agent, err := decodeAgent(c, before)
	if err != nil {
		refuse(c, err)
		return
	}
	if _, err := s.store.UpdateAgent(ctx, agent); err != nil {
		refuse(c, err)
		return
	}
	if agent.Availability != before.Availability {
		if err := s.store.SetAvailability(ctx, id, agent.Availability); err != nil {
			refuse(c, err)
			return
		}
	}
	s.agentChanged(ctx, agent)
	c.PureJSON(http.StatusOK, agentOut(agent))
}

func decodeAgent(c *gin.Context, current inbox.Agent) (inbox.Agent, error) {
	in, err := decodePatch(c, agentOut(current))
	if err != nil {
		return inbox.Agent{}, err
	}
	if !channels.ValidEmail(in.Email) {
		return inbox.Agent{}, inbox.Invalid("email", "This is not a mail address.")
	}
	if err := within("hours", routing.CheckHours(in.Hours)); err != nil {
		return inbox.Agent{}, err
	}
	return inbox.Agent{
		ID: current.ID, Name: in.Name, Email: in.Email, Admin: in.Admin, Seat: in.Seat,
		Availability: inbox.Availability(in.Availability), Capacity: in.Capacity, Hours: in.Hours, InboxIDs: in.InboxIds,
		Phone: current.Phone,
	}, nil
}

// agentFor is agentOut for a reader, who sees others' phones as an admin only.
func agentFor(reader inbox.Agent) func(inbox.Agent) contract.Agent {
	return func(agent inbox.Agent) contract.Agent {
		out := agentOut(agent)
		if !reader.Admin && reader.ID != agent.ID {
			out.Phone = nil
		}
		return out
	}
}

func agentOut(agent inbox.Agent) contract.Agent {
	return contract.Agent{
		ID: agent.ID, Name: agent.Name, Email: agent.Email, Admin: agent.Admin, Seat: agent.Seat,
		Availability: contract.Availability(agent.Availability), Capacity: agent.Capacity, Hours: agent.Hours,
		InboxIds: listed(agent.InboxIDs), Phone: optional(agent.Phone), PhoneVerified: agent.Phone != "",
	}
}

// ListTokens lists an agent's tokens, all on one page.
func (s *server) ListTokens(c *gin.Context, id string) {
	ctx := c.Request.Context()
	if _, err := s.store.Agent(ctx, id); err != nil {
		refuse(c, err)
		return
	}
	tokens, err := s.store.Tokens(ctx, id)
	answerPage(c, tokens, "", err, func(token store.Token) contract.Token {
		return contract.Token{ID: token.ID, Label: token.Label, CreatedAt: token.CreatedAt}
	})
}

// CreateToken issues a token and shows it this once.
func (s *server) CreateToken(c *gin.Context, id string) {
	in, err := decode[contract.TokenCreate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	token, hash := NewToken()
	label := given(in.Label)
	tokenID, err := s.store.CreateToken(c.Request.Context(), id, hash, label)
	answer(c, http.StatusCreated, tokenID, err, func(id string) contract.IssuedToken {
		return contract.IssuedToken{ID: id, Label: label, Token: token}
	})
}

// DeleteToken revokes a token.
func (s *server) DeleteToken(c *gin.Context, id, tokenID string) {
	answerDone(c, s.store.DeleteToken(c.Request.Context(), id, tokenID))
}

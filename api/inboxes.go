package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
)

// ListInboxes lists the inboxes the caller sees. A page may hold fewer than the
// limit and still have a next one.
func (s *server) ListInboxes(c *gin.Context, params contract.ListInboxesParams) {
	inboxes, next, err := s.store.Inboxes(c.Request.Context(), page(params.Cursor, params.Limit))
	agent := caller(c)
	visible := []inbox.Inbox{}
	for _, in := range inboxes {
		if agent.CanSee(in.ID) {
			visible = append(visible, in)
		}
	}
	answerPage(c, visible, next, err, inboxOut)
}

// GetInbox answers one inbox.
func (s *server) GetInbox(c *gin.Context, id string) {
	in, err := s.visibleInbox(c, id)
	answer(c, http.StatusOK, in, err, inboxOut)
}

// CreateInbox creates an inbox, with its first channel if one is given (G1).
func (s *server) CreateInbox(c *gin.Context) {
	in, err := decode[struct {
		Name          string          `json:"name"`
		AgentCapacity int             `json:"agent_capacity"`
		Channel       json.RawMessage `json:"channel"`
	}](c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx, created := c.Request.Context(), inbox.Inbox{Name: in.Name, AgentCapacity: in.AgentCapacity}
	if in.Channel == nil {
		created, err = s.store.CreateInbox(ctx, created)
		answer(c, http.StatusCreated, created, err, inboxOut)
		return
	}
	channel, err := s.newChannel("", in.Channel)
	if err == nil {
		err = s.checkTranscriptSender(c.Request.Context(), inbox.Channel{}, channel)
	}
	if err != nil {
		refuse(c, within("channel", err))
		return
	}
	created, channel, err = s.store.CreateInboxWithChannel(ctx, created, channel)
	answer(c, http.StatusCreated, created, within("channel", err), func(created inbox.Inbox) contract.Inbox {
		out := inboxOut(created)
		out.Channel = new(s.channelOut(channel))
		return out
	})
}

// UpdateInbox changes an inbox; more capacity is used at once.
func (s *server) UpdateInbox(c *gin.Context, id string) {
	ctx := c.Request.Context()
	before, err := s.store.Inbox(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decodePatch(c, inboxOut(before))
	if err != nil {
		refuse(c, err)
		return
	}
	after, err := s.store.UpdateInbox(ctx, inbox.Inbox{ID: id, Name: in.Name, AgentCapacity: in.AgentCapacity})
	if err == nil && after.AgentCapacity != before.AgentCapacity {
		err = s.inboxChanged(ctx)
	}
	answer(c, http.StatusOK, after, err, inboxOut)
}

// inboxChanged drains the backlog towards every agent.
func (s *server) inboxChanged(ctx context.Context) error {
	for cursor := ""; ; {
		agents, next, err := s.store.Agents(ctx, store.Page{Cursor: cursor, Limit: 200})
		if err != nil {
			return fmt.Errorf("drain backlog: %w", err)
		}
		s.agentChanged(ctx, agents...)
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

func (s *server) visibleInbox(c *gin.Context, id string) (inbox.Inbox, error) {
	if !caller(c).CanSee(id) {
		return inbox.Inbox{}, inbox.NotFound("inbox")
	}
	return s.store.Inbox(c.Request.Context(), id)
}

func inboxOut(in inbox.Inbox) contract.Inbox {
	return contract.Inbox{ID: in.ID, Name: in.Name, AgentCapacity: in.AgentCapacity}
}

package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/workflows"
)

// AssignConversation asks the workflow to assign to an agent, to route within a
// team, or to unassign.
func (s *server) AssignConversation(c *gin.Context, id string) {
	in, err := decode[contract.AssignmentUpdate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	to := workflows.AssignTo{AgentID: given(in.AgentID), TeamID: given(in.TeamID)}
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.conversations.Assign(ctx, episodeOf(conversation), to, author(c))
	})
}

// CloseConversation asks the workflow to close the episode.
func (s *server) CloseConversation(c *gin.Context, id string) {
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.conversations.Close(ctx, episodeOf(conversation), author(c))
	})
}

// ReopenConversation asks the workflow to begin a new episode.
func (s *server) ReopenConversation(c *gin.Context, id string) {
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.conversations.Reopen(ctx, episodeOf(conversation), author(c))
	})
}

// SnoozeConversation asks the workflow to sleep.
func (s *server) SnoozeConversation(c *gin.Context, id string) {
	in, err := decode[contract.Snooze](c)
	if err != nil {
		refuse(c, err)
		return
	}
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.conversations.Snooze(ctx, episodeOf(conversation), in.Until.UTC(), author(c))
	})
}

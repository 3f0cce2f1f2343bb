package api

import (
	"context"
	"fmt"
	"time"

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
		if err := s.checkAssignTo(ctx, to, conversation.InboxID); err != nil {
			return err
		}
		return s.conversations.Assign(ctx, episodeOf(conversation), to, author(c))
	})
}

// checkAssignTo refuses agents and teams that do not exist, and agents who
// would not see the conversation (E10).
func (s *server) checkAssignTo(ctx context.Context, to workflows.AssignTo, inboxID string) error {
	if to.TeamID != "" {
		if _, err := s.store.Team(ctx, to.TeamID); err != nil {
			return reference("team_id", err)
		}
	}
	if to.AgentID != "" {
		agent, err := s.store.Agent(ctx, to.AgentID)
		if err != nil {
			return reference("agent_id", err)
		}
		if !agent.CanSee(inboxID) {
			return inbox.Invalid("agent_id", "The agent does not see this inbox.")
		}
	}
	return nil
}

// reference turns the absence of what a field refers to into bad input.
func reference(field string, err error) error {
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.Invalid(field, "What this refers to does not exist.")
	}
	return fmt.Errorf("look up %s: %w", field, err)
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
	if !in.Until.After(now()) {
		refuse(c, inbox.Invalid("until", "The time must be in the future."))
		return
	}
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.conversations.Snooze(ctx, episodeOf(conversation), in.Until.UTC(), author(c))
	})
}

func now() time.Time { return time.Now().UTC() }

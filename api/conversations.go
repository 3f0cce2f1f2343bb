package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// ListConversations lists what the caller sees, filtered.
func (s *server) ListConversations(c *gin.Context, params contract.ListConversationsParams) {
	if params.AssigneeID != nil && given(params.Unassigned) {
		refuse(c, inbox.Invalid("unassigned", "Ask for an assignee or for none, not for both."))
		return
	}
	list, next, err := s.store.Conversations(c.Request.Context(), store.ConversationFilter{
		InboxIDs: visibleInboxes(c), InboxID: given(params.InboxID), ChannelID: given(params.ChannelID),
		Status: inbox.Status(given(params.Status)), AssigneeID: given(params.AssigneeID),
		Unassigned: given(params.Unassigned), Q: given(params.Q),
	}, page(params.Cursor, params.Limit))
	answerPage(c, list, next, err, conversationOut)
}

// GetConversation answers one conversation.
func (s *server) GetConversation(c *gin.Context, id string) {
	conversation, err := s.visibleConversation(c, id)
	answer(c, http.StatusOK, conversation, err, conversationOut)
}

// SetTags sets a conversation's tags.
func (s *server) SetTags(c *gin.Context, id string) {
	in, err := decode[contract.TagsUpdate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	s.act(c, id, func(ctx context.Context, conversation inbox.Conversation) error {
		return s.store.SetTags(ctx, conversation.ID, in.Tags, author(c), time.Now())
	})
}

// act does something to a conversation the caller sees and answers how it
// stands afterwards.
func (s *server) act(c *gin.Context, id string, action func(context.Context, inbox.Conversation) error) {
	conversation, err := s.visibleConversation(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	if err := action(ctx, conversation); err != nil {
		refuse(c, err)
		return
	}
	conversation, err = s.store.Conversation(ctx, id)
	answer(c, http.StatusOK, conversation, err, conversationOut)
}

func (s *server) visibleConversation(c *gin.Context, id string) (inbox.Conversation, error) {
	conversation, err := s.store.Conversation(c.Request.Context(), id)
	if err != nil {
		return conversation, fmt.Errorf("load conversation: %w", err)
	}
	if !caller(c).CanSee(conversation.InboxID) {
		return inbox.Conversation{}, inbox.NotFound("conversation")
	}
	return conversation, nil
}

// visibleInboxes are the inboxes the caller's lists are limited to (E10); nil
// is no limit.
func visibleInboxes(c *gin.Context) []string {
	agent := caller(c)
	if agent.Admin || len(agent.InboxIDs) == 0 {
		return nil
	}
	return agent.InboxIDs
}

func episodeOf(conversation inbox.Conversation) inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: conversation.ID, Episode: conversation.Episode}
}

func windowOut(window inbox.Window) contract.Window {
	return contract.Window{State: contract.WindowState(window.State), ClosesAt: optional(window.ClosesAt)}
}

func conversationOut(conversation inbox.Conversation) contract.Conversation {
	return contract.Conversation{
		ID: conversation.ID, InboxID: conversation.InboxID, ChannelID: conversation.ChannelID,
		ChannelKind: contract.ChannelKind(conversation.ChannelKind), Status: contract.ConversationStatus(conversation.Status),
		Subject: conversation.Subject, ContactID: optional(conversation.ContactID),
		AssigneeID: optional(conversation.AssigneeID), TeamID: optional(conversation.TeamID),
		TicketID: optional(conversation.TicketID), Priority: contract.Priority(conversation.Priority),
		Tags: listed(conversation.Tags), Episode: conversation.Episode,
		Window:    windowOut(routing.WindowOf(conversation, time.Now())),
		CreatedAt: conversation.CreatedAt, LastMessageAt: conversation.LastMessageAt,
		WaitingSince: optional(conversation.WaitingSince), SnoozedUntil: optional(conversation.SnoozedUntil),
		ClosedAt: optional(conversation.ClosedAt), AwaitsConsent: conversation.AwaitsConsent,
	}
}

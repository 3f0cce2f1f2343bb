package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
)

// VisitorTypes tells agents that a visitor is typing.
func (p *public) VisitorTypes(c *gin.Context, _ string) {
	conversation, err := p.visitorsThread(c)
	if inbox.CodeOf(err) == inbox.CodeNotFound { // nobody can be told yet
		c.Status(http.StatusNoContent)
		return
	}
	if err == nil {
		p.hub.Tell(typing(conversation, inbox.Author{Kind: inbox.AuthorContact, ID: conversation.ContactID}))
	}
	answerDone(c, err)
}

// ReadChatMessages notes up to which message a visitor has read.
func (p *public) ReadChatMessages(c *gin.Context, _ string) {
	conversation, err := p.visitorsThread(c)
	if err != nil {
		refuse(c, err)
		return
	}
	message, err := readUpTo(c, p.store, conversation)
	if err == nil && !message.State.Shared() {
		err = inbox.NotFound("message")
	}
	if err == nil {
		err = p.store.AdvanceThread(c.Request.Context(), conversation.ChannelID, conversation.ThreadKey, message.CreatedAt, inbox.MessageRead, time.Now())
	}
	answerDone(c, err)
}

// ReadMessages notes up to which message the caller has read.
func (s *server) ReadMessages(c *gin.Context, id string) {
	conversation, err := s.visibleConversation(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	message, err := readUpTo(c, s.store, conversation)
	if err == nil {
		err = s.store.ReadMessages(c.Request.Context(), message, author(c), time.Now())
	}
	answerDone(c, err)
}

// readUpTo is the message up to which somebody says to have read a conversation.
func readUpTo(c *gin.Context, s *store.Store, conversation inbox.Conversation) (inbox.Message, error) {
	in, err := decode[contract.ChatRead](c)
	if err != nil {
		return inbox.Message{}, err
	}
	return messageOf(c.Request.Context(), s, conversation, in.MessageID)
}

// messageOf is a message of one conversation; others are not found.
func messageOf(ctx context.Context, s *store.Store, conversation inbox.Conversation, id string) (inbox.Message, error) {
	message, err := s.Message(ctx, id)
	if err == nil && message.ConversationID != conversation.ID {
		return inbox.Message{}, inbox.NotFound("message")
	}
	return message, err
}

// visitorsThread is the conversation of the visitor who asks.
func (p *public) visitorsThread(c *gin.Context) (inbox.Conversation, error) {
	visitor, err := p.visitorOf(c)
	if err != nil {
		return inbox.Conversation{}, err
	}
	return p.store.ConversationByThread(c.Request.Context(), asked(c).ID, visitor.ThreadKey)
}

// AgentTypes tells a visitor and other agents that the caller is typing.
func (s *server) AgentTypes(c *gin.Context, id string) {
	conversation, err := s.visibleConversation(c, id)
	if err == nil {
		s.hub.Tell(typing(conversation, inbox.Author{Kind: inbox.AuthorAgent, ID: caller(c).ID}))
	}
	answerDone(c, err)
}

func typing(c inbox.Conversation, actor inbox.Author) inbox.Event {
	return inbox.Event{
		ConversationID: c.ID, InboxID: c.InboxID, ThreadKey: c.ThreadKey, Kind: inbox.EventTyping, Actor: actor, Data: []byte("{}"), At: time.Now().UTC(),
	}
}

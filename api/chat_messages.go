package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

// chatMessage is a message as its visitor may see it: without ids of agents.
// readAt is up to when agents have read.
func chatMessage(ctx context.Context, m inbox.Message, thread string, readAt time.Time, names agentNames) (contract.ChatMessage, error) {
	out := contract.ChatMessage{
		ID: m.ID, Direction: contract.Direction(m.Direction), State: contract.ChatMessageStateDelivered, Text: m.Text,
		QuickReplies: listed(m.QuickReplies),
		ClientID:     optional(chat.ClientID(thread, m.ProviderMessageID)),
		Attachments:  each(m.Attachments, chatAttachment), CreatedAt: m.CreatedAt,
	}
	if m.State == inbox.MessageRead || m.Direction == inbox.DirectionIn && !m.CreatedAt.After(readAt) {
		out.State = contract.ChatMessageStateRead
	}
	if m.HTML != "" {
		out.HTML = optional(channels.SafeHTML(m.HTML))
	}
	out.Author.Kind = contract.AuthorKind(m.Author.Kind)
	if m.Author.Kind == inbox.AuthorAgent {
		name, err := names(ctx, m.Author.ID)
		if err != nil {
			return out, err
		}
		out.Author.Name = optional(name)
	}
	return out, nil
}

func chatAttachment(a inbox.Attachment) contract.ChatAttachment {
	return contract.ChatAttachment{ID: a.ID, Name: a.Name, ContentType: a.ContentType, Size: a.Size}
}

// GetChatAttachment downloads a file of the visitor's thread.
func (p *public) GetChatAttachment(c *gin.Context, _, messageID, attachmentID string) {
	visitor, err := p.visitorOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	conversation, err := p.store.ConversationByThread(ctx, asked(c).ID, visitor.ThreadKey)
	if err != nil {
		refuse(c, err)
		return
	}
	message, err := messageOf(ctx, p.store, conversation, messageID)
	if err != nil {
		refuse(c, err)
		return
	}
	if !message.State.Shared() {
		refuse(c, inbox.NotFound("attachment"))
		return
	}
	p.download(c, message, attachmentID)
}

// agentNames finds an agent's name, once each.
type agentNames func(ctx context.Context, agentID string) (string, error)

func (p *public) agentNames() agentNames {
	known := map[string]string{}
	return func(ctx context.Context, agentID string) (string, error) {
		if name, ok := known[agentID]; ok {
			return name, nil
		}
		agent, err := p.store.Agent(ctx, agentID)
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return "", err
		}
		known[agentID] = agent.Name
		return agent.Name, nil
	}
}

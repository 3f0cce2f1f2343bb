package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// ListMessageParts lists what an answer leaves as.
func (s *server) ListMessageParts(c *gin.Context, id, messageID string) {
	conversation, message, err := s.visibleMessage(c, id, messageID)
	if err != nil {
		refuse(c, err)
		return
	}
	parts, err := s.partsOf(c.Request.Context(), conversation.ChannelKind, message)
	answer(c, http.StatusOK, parts, err, messagePartsOut)
}

// SendRest sends what of an answer certainly did not leave as an answer of the caller's.
func (s *server) SendRest(c *gin.Context, id, messageID string) {
	conversation, message, err := s.visibleMessage(c, id, messageID)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	parts, err := s.partsOf(ctx, conversation.ChannelKind, message)
	if err != nil {
		refuse(c, err)
		return
	}
	rest := inbox.Message{
		ConversationID: id, Author: author(c), ClientID: "rest:" + message.ID, CreatedAt: time.Now(),
	}
	var files []store.File
	unsent := 0
	for _, part := range parts {
		if part.Direction != inbox.DirectionOut || part.State != inbox.MessageFailed {
			continue
		}
		unsent++
		if part.Text != "" {
			rest.Text, rest.HTML, rest.Template, rest.QuickReplies = part.Text, part.HTML, part.Template, part.QuickReplies
		}
		for _, attachment := range part.Attachments {
			_, data, err := s.store.AttachmentData(ctx, attachment.ID)
			if err != nil {
				refuse(c, err)
				return
			}
			files = append(files, store.File{
				Name: attachment.Name, ContentType: attachment.ContentType, ContentID: attachment.ContentID, Data: data,
			})
		}
	}
	if unsent == 0 {
		refusal := inbox.Errorf(inbox.CodeConflict, "There is nothing of the message that certainly did not leave.")
		if message.State == inbox.MessageUnknown {
			refusal.Remedy = "Ask the contact whether it arrived, or write it again: they may see it twice."
		}
		refuse(c, refusal)
		return
	}
	s.answerContact(c, conversation, rest, files)
}

// partsOf returns the messages that a message leaves as, each with its own state. What
// was not tried of an answer that has stopped did not leave.
func (s *server) partsOf(ctx context.Context, kind inbox.ChannelKind, message inbox.Message) ([]inbox.Message, error) {
	divider, ok := s.kinds[kind].(channels.Divider)
	if !ok || message.Direction != inbox.DirectionOut {
		return []inbox.Message{message}, nil
	}
	parts := divider.Parts(message)
	if len(parts) == 1 {
		return parts, nil
	}
	known, err := s.store.MessageParts(ctx, message.ID)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		part := &parts[i]
		part.ErrorCode, part.ErrorDetail, part.ProviderMessageID = "", "", ""
		switch message.State {
		case inbox.MessageSending:
			part.State = inbox.MessagePending
		case inbox.MessageUnknown:
			part.State = inbox.MessageFailed
		}
	}
	for _, left := range known {
		if left.Number > len(parts) {
			continue // it left when the provider took messages of another size
		}
		part := &parts[left.Number-1]
		part.ErrorCode, part.ErrorDetail, part.ProviderMessageID = string(left.ErrorCode), left.ErrorDetail, left.ProviderMessageID
		switch {
		case left.InDoubt() && message.State == inbox.MessageUnknown:
			part.State = inbox.MessageUnknown
		case left.State == inbox.MessageSent && (message.State == inbox.MessageDelivered || message.State == inbox.MessageRead):
			part.State = message.State // Facebook tells of the whole
		default:
			part.State = left.State
		}
	}
	return parts, nil
}

func messagePartsOut(parts []inbox.Message) contract.MessagePartList {
	list := contract.MessagePartList{Items: []contract.MessagePart{}}
	for i, part := range parts {
		list.Items = append(list.Items, contract.MessagePart{
			Number: i + 1, Text: part.Text, Attachments: listed(part.Attachments), State: contract.MessageState(part.State),
			ErrorCode: optional(part.ErrorCode), ErrorDetail: optional(part.ErrorDetail), ProviderMessageID: optional(part.ProviderMessageID),
		})
	}
	return list
}

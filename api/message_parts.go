package api

import (
	"context"
	"net/http"
	"slices"
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
	parts, err := s.partsOf(c.Request.Context(), conversation.ChannelKind, message)
	if err != nil {
		refuse(c, err)
		return
	}
	rest, unsent := restOf(parts)
	if !unsent {
		refusal := inbox.Errorf(inbox.CodeConflict, "There is nothing of the message that certainly did not leave.")
		if message.State == inbox.MessageUnknown {
			refusal.Remedy = "Ask the contact whether it arrived, or write it again: they may see it twice."
		}
		refuse(c, refusal)
		return
	}
	files, giveBack, err := s.filesOf(c, rest)
	if err != nil {
		refuse(c, err)
		return
	}
	defer giveBack()
	s.answerContact(c, conversation, inbox.Message{
		ConversationID: id, Author: author(c), Text: rest.Text, HTML: rest.HTML, Template: rest.Template, QuickReplies: rest.QuickReplies,
		ClientID: "rest:" + message.ID, CreatedAt: time.Now(),
	}, files)
}

// restOf is what certainly did not leave of an answer; ok is false for nothing.
func restOf(parts []inbox.Message) (rest inbox.Message, ok bool) {
	for _, part := range parts {
		if part.Direction != inbox.DirectionOut || part.State != inbox.MessageFailed {
			continue
		}
		ok = true
		files := slices.Concat(rest.Attachments, part.Attachments)
		if part.Text != "" {
			rest = part
		}
		rest.Attachments = files
	}
	return rest, ok
}

// filesOf loads a message's files, which take their turn in memory until they are given
// back.
func (s *server) filesOf(c *gin.Context, m inbox.Message) (files []store.File, giveBack func(), err error) {
	size := int64(0)
	for _, attachment := range m.Attachments {
		size += attachment.Size
	}
	if giveBack, err = s.takeMemory(c, size); err != nil {
		return nil, nil, err
	}
	for _, attachment := range m.Attachments {
		_, data, err := s.store.AttachmentData(c.Request.Context(), attachment.ID)
		if err != nil {
			giveBack()
			return nil, nil, err
		}
		files = append(files, store.File{
			Name: attachment.Name, ContentType: attachment.ContentType, ContentID: attachment.ContentID, Data: data,
		})
	}
	return files, giveBack, nil
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

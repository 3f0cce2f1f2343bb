package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// ListMessages lists a conversation's messages, oldest first.
func (s *server) ListMessages(c *gin.Context, id string, params contract.ListMessagesParams) {
	if _, err := s.visibleConversation(c, id); err != nil {
		refuse(c, err)
		return
	}
	messages, next, err := s.store.Messages(c.Request.Context(), id, page(params.Cursor, params.Limit))
	answerPage(c, messages, next, err, messageOut)
}

// CreateReply answers the contact. When the workflow cannot be asked now, the sweep
// asks later: 202.
func (s *server) CreateReply(c *gin.Context, id string) {
	conversation, err := s.visibleConversation(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.ReplyCreate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	text, err := s.replyText(c.Request.Context(), conversation, in)
	if err != nil {
		refuse(c, err)
		return
	}
	files, err := attachmentsIn(in.Attachments)
	if err != nil {
		refuse(c, err)
		return
	}
	s.answerContact(c, conversation, inbox.Message{
		ConversationID: id, Author: author(c), Text: text, HTML: channels.SafeHTML(given(in.HTML)), Template: in.Template,
		ClientID: given(in.ClientID), CreatedAt: time.Now(),
	}, files)
}

// answerContact stores an answer, asks the workflow to send it, and says what became
// of that.
func (s *server) answerContact(c *gin.Context, conversation inbox.Conversation, m inbox.Message, files []store.File) {
	ctx := c.Request.Context()
	message, _, err := s.store.CreateReply(ctx, m, files...)
	if err != nil {
		refuse(c, err)
		return
	}
	if message.State != inbox.MessagePending {
		c.PureJSON(http.StatusCreated, messageOut(message)) // a repeated request
		return
	}
	err = s.conversations.Reply(ctx, episodeOf(conversation), message.ID)
	if inbox.CodeOf(err) == inbox.CodeUnavailable {
		c.PureJSON(http.StatusAccepted, messageOut(message))
		return
	}
	if inbox.CodeOf(err) == inbox.CodeTemplateRequired {
		s.refuseForTemplates(c, conversation, err)
		return
	}
	if err != nil {
		refuse(c, err)
		return
	}
	message, err = s.store.Message(ctx, message.ID)
	answer(c, http.StatusCreated, message, err, messageOut)
}

// GetAttachment downloads a message's file.
func (s *server) GetAttachment(c *gin.Context, id, messageID, attachmentID string) {
	_, message, err := s.visibleMessage(c, id, messageID)
	if err != nil {
		refuse(c, err)
		return
	}
	s.download(c, message, attachmentID)
}

// visibleMessage returns a message of a conversation that the caller sees, or
// CodeNotFound.
func (s *server) visibleMessage(c *gin.Context, id, messageID string) (inbox.Conversation, inbox.Message, error) {
	conversation, err := s.visibleConversation(c, id)
	if err != nil {
		return conversation, inbox.Message{}, err
	}
	message, err := messageOf(c.Request.Context(), s.store, conversation, messageID)
	return conversation, message, err
}

func messageOut(message inbox.Message) contract.Message {
	return contract.Message{
		ID: message.ID, ConversationID: message.ConversationID, Direction: contract.Direction(message.Direction),
		Author: authorOut(message.Author), Text: message.Text, HTML: optional(message.HTML),
		QuotedText: optional(message.Quoted), Automatic: message.Automatic,
		Attachments: listed(message.Attachments), PendingFiles: len(message.Remote), Fields: each(message.Fields, fieldOut),
		State: contract.MessageState(message.State), ErrorCode: optional(message.ErrorCode),
		ErrorDetail: optional(message.ErrorDetail), ProviderMessageID: optional(message.ProviderMessageID), Template: message.Template, CreatedAt: message.CreatedAt,
	}
}

func fieldOut(field inbox.SubmittedField) inbox.SubmittedField {
	field.Values = listed(field.Values)
	return field
}

func authorOut(author inbox.Author) contract.Author {
	return contract.Author{Kind: contract.AuthorKind(author.Kind), ID: optional(author.ID)}
}

package api

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

const (
	// maxChatSubject bounds a chat's subject, which is how it begins.
	maxChatSubject = 80
	// chatPage is how many messages a list has unless the client says.
	chatPage = 50
)

// CreateChatSession begins or continues a visitor's session.
func (p *public) CreateChatSession(c *gin.Context, _ string) {
	channel := asked(c)
	if err := channel.takesIn(); err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.ChatSessionCreate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx, token := c.Request.Context(), given(in.VisitorToken)
	visitor, err := p.visitorByToken(ctx, channel.ID, token)
	if inbox.CodeOf(err) == inbox.CodeUnauthorized {
		token = chat.NewVisitorToken(channel.ID)
		visitor, err = firstVisitor(channel.ID, token), nil
	}
	if err != nil {
		refuse(c, err)
		return
	}
	channel.chat = channel.chat.ForBrowser(c.GetHeader("Accept-Language"))
	widget, err := p.widget(ctx, channel, visitor, time.Now())
	answer(c, http.StatusOK, widget, err, func(widget chat.Widget) contract.ChatSession {
		return contract.ChatSession{VisitorToken: token, Widget: widget}
	})
}

// CreateChatMessage takes in what a visitor says; the same client id again
// answers the first message (B8).
func (p *public) CreateChatMessage(c *gin.Context, _ string) {
	channel := asked(c)
	visitor, err := p.visitorOf(c)
	if err == nil {
		err = channel.takesIn()
	}
	if err != nil {
		refuse(c, err)
		return
	}
	in, files, err := readChatMessage(c)
	if err != nil {
		refuse(c, err)
		return
	}
	text := channels.CleanText(in.Text)
	if text == "" && len(files) == 0 {
		refuse(c, inbox.Invalid("text", "Say something."))
		return
	}
	receipt, err := p.intake.Receive(c.Request.Context(), store.Inbound{
		Channel: channel.Channel, ThreadKey: visitor.ThreadKey, ProviderMessageID: chat.MessageKey(visitor.ThreadKey, in.ClientID),
		Subject: subjectOf(text), Sender: inbox.Sender{Identities: []inbox.Identity{visitor.Cookie}},
		Text: text, Payload: given(in.Payload), Fields: spokenTo(in.Language), Files: files, At: time.Now().UTC(),
	})
	answer(c, http.StatusAccepted, receipt, err, func(receipt store.Receipt) contract.ChatMessageReceipt {
		return contract.ChatMessageReceipt{MessageID: receipt.MessageID, ConversationID: receipt.ConversationID}
	})
}

// spokenTo keeps the language that the widget speaks, for agents and for copies of
// the chat.
func spokenTo(language *contract.ChatLanguage) []inbox.SubmittedField {
	if language == nil {
		return nil
	}
	return []inbox.SubmittedField{{Name: channels.LanguageField, Label: "Language", Values: []string{string(*language)}, Hidden: true}}
}

// ListChatMessages lists the visitor's thread, oldest first.
func (p *public) ListChatMessages(c *gin.Context, _ string, params contract.ListChatMessagesParams) {
	channel := asked(c)
	visitor, err := p.visitorOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	conversation, err := p.store.ConversationByThread(ctx, channel.ID, visitor.ThreadKey)
	if inbox.CodeOf(err) == inbox.CodeNotFound { // nothing was said yet
		c.PureJSON(http.StatusOK, contract.ChatMessageList{Items: []contract.ChatMessage{}})
		return
	}
	if err != nil {
		refuse(c, err)
		return
	}
	limit := cmp.Or(given(params.Limit), chatPage)
	messages, err := p.store.MessagesAfter(ctx, conversation.ID, given(params.After), limit)
	if err != nil {
		refuse(c, err)
		return
	}
	out := contract.ChatMessageList{Items: []contract.ChatMessage{}, Conversation: &contract.ChatConversation{Status: contract.ChatConversationStatusOpen}}
	if conversation.Status == inbox.StatusClosed {
		out.Conversation.Status = contract.ChatConversationStatusClosed
	}
	names := p.agentNames()
	for _, message := range messages {
		if !message.State.Shared() {
			continue
		}
		shown, err := chatMessage(ctx, message, visitor.ThreadKey, conversation.ReadAt, names)
		if err != nil {
			refuse(c, err)
			return
		}
		out.Items = append(out.Items, shown)
	}
	if len(messages) == limit {
		out.NextCursor = &messages[limit-1].ID
	}
	c.PureJSON(http.StatusOK, out)
}

// subjectOf is a text's first line, shortened.
func subjectOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > maxChatSubject {
		return strings.TrimSpace(string(runes[:maxChatSubject-1])) + "…"
	}
	return line
}

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// CreateConversation begins a conversation by an agent's mail and asks its
// workflow to send it (E9). When the workflow cannot be asked now, the sweep asks
// later: 202.
func (s *server) CreateConversation(c *gin.Context) {
	in, err := decode[contract.ConversationCreate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	composed, err := s.composed(c, in)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	conversation, message, err := s.store.Compose(ctx, composed)
	if err != nil {
		refuse(c, err)
		return
	}
	if message.State != inbox.MessagePending {
		c.PureJSON(http.StatusCreated, conversationOut(conversation)) // a repeated request
		return
	}
	err = s.conversations.Reply(ctx, episodeOf(conversation), message.ID)
	if inbox.CodeOf(err) == inbox.CodeUnavailable {
		c.PureJSON(http.StatusAccepted, conversationOut(conversation))
		return
	}
	if err != nil {
		refuse(c, err)
		return
	}
	conversation, err = s.store.Conversation(ctx, conversation.ID)
	answer(c, http.StatusCreated, conversation, err, conversationOut)
}

// composed checks what the contract cannot.
func (s *server) composed(c *gin.Context, in contract.ConversationCreate) (store.Composed, error) {
	channel, err := s.visibleChannel(c, in.ChannelID)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound:
		return store.Composed{}, inbox.Invalid("channel_id", "There is no such channel.")
	case err != nil:
		return store.Composed{}, err
	case channel.Kind != inbox.KindEmail:
		refusal := inbox.Errorf(inbox.CodeCannotCompose, "Conversations on a %s begin with the contact's message.", channel.Kind)
		refusal.Field = "channel_id"
		refusal.Remedy = "Choose an email channel."
		return store.Composed{}, refusal
	case !channel.Enabled:
		return store.Composed{}, inbox.Errorf(inbox.CodeChannelDisabled, "This channel is switched off: an answer would not come in.")
	}
	composed := store.Composed{
		Channel: channel, Email: in.To.Email, Name: channels.CleanName(given(in.To.Name)),
		Subject: channels.CleanLine(in.Subject), Text: channels.CleanText(in.Text), HTML: channels.SafeHTML(given(in.HTML)),
		AgentID: caller(c).ID, ClientID: given(in.ClientID),
	}
	switch {
	case !channels.ValidEmail(composed.Email):
		return store.Composed{}, inbox.Invalid("to.email", "Enter an e-mail address such as name@example.com.")
	case composed.Subject == "":
		return store.Composed{}, inbox.Invalid("subject", "A mail needs a subject.")
	case composed.Text == "":
		return store.Composed{}, inbox.Invalid("text", "A mail needs a text.")
	}
	composed.Files, err = attachmentsIn(in.Attachments)
	return composed, err
}

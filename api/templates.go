package api

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// replyText is what the contact reads of an answer: the agent's words, or one of
// the channel's approved templates, filled (W2).
func (s *server) replyText(ctx context.Context, conversation inbox.Conversation, in contract.ReplyCreate) (string, error) {
	if in.Template == nil {
		text := channels.CleanText(given(in.Text))
		if text == "" && len(given(in.Attachments)) == 0 {
			return "", inbox.Invalid("text", "An answer needs a text or a file.")
		}
		return text, nil
	}
	if len(given(in.Attachments)) > 0 {
		return "", inbox.Invalid("attachments", "A template leaves without files.")
	}
	approved, err := s.templates(ctx, conversation)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(approved, func(t channels.Template) bool { return t.ID == in.Template.ID })
	if i < 0 {
		return "", inbox.Invalid("template.id", "This is not an approved template of the channel.")
	}
	return approved[i].Fill(in.Template.Variables)
}

// refuseForTemplates refuses an answer outside the window with what may be sent
// instead.
func (s *server) refuseForTemplates(c *gin.Context, conversation inbox.Conversation, refusal error) {
	approved, err := s.templates(c.Request.Context(), conversation)
	if err != nil {
		refuse(c, err)
		return
	}
	refuseListing(c, refusal, approved)
}

// templates lists the approved templates of the conversation's channel as it is
// now: approval is not a matter of the episode. A kind without any has an empty
// list.
func (s *server) templates(ctx context.Context, conversation inbox.Conversation) ([]channels.Template, error) {
	templater, ok := s.kinds[conversation.ChannelKind].(channels.Templater)
	if !ok {
		return []channels.Template{}, nil
	}
	channel, err := s.store.Channel(ctx, conversation.ChannelID)
	if err != nil {
		return nil, err
	}
	return templater.Templates(channel)
}

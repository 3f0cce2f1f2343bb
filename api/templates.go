package api

import (
	"context"
	"net/http"
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
	i := slices.IndexFunc(approved, func(t inbox.ApprovedTemplate) bool { return t.ID == in.Template.ID })
	if i < 0 {
		return "", inbox.Invalid("template.id", "This is not an approved template of the channel.")
	}
	return channels.FillTemplate(approved[i], in.Template.Variables)
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

// templates lists the approved templates for a conversation's channel. A kind
// without any has an empty list.
func (s *server) templates(ctx context.Context, conversation inbox.Conversation) ([]inbox.ApprovedTemplate, error) {
	list, err := s.store.TemplateList(ctx, conversation.ChannelKind)
	return listed(list.Templates), err
}

// ListTemplates lists the approved templates for a channel (W2).
func (s *server) ListTemplates(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	if err == nil {
		s.answerTemplates(c, channel.Kind)
		return
	}
	refuse(c, err)
}

// RefreshTemplates asks the provider for its approved templates now.
func (s *server) RefreshTemplates(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	templater, ok := s.kinds[channel.Kind].(channels.Templater)
	if !ok {
		refuse(c, inbox.Errorf(inbox.CodeChannelNotOffered, "Channels of the kind %s have no templates.", channel.Kind))
		return
	}
	if err := s.refresher.RefreshTemplates(c.Request.Context(), channel.Kind, templater.TemplateQueue()); err != nil {
		refuse(c, err)
		return
	}
	s.answerTemplates(c, channel.Kind)
}

func (s *server) answerTemplates(c *gin.Context, kind inbox.ChannelKind) {
	list, err := s.store.TemplateList(c.Request.Context(), kind)
	answer(c, http.StatusOK, list, err, func(list inbox.TemplateList) contract.TemplateList {
		return contract.TemplateList{
			Templates: listed(list.Templates), FetchedAt: optional(list.FetchedAt),
			FailedAt: optional(list.FailedAt), ErrorCode: optional(string(list.Failure)),
		}
	})
}

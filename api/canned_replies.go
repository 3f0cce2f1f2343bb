package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// ListCannedReplies lists the canned replies of the inboxes the caller sees.
func (s *server) ListCannedReplies(c *gin.Context, params contract.ListCannedRepliesParams) {
	replies, next, err := s.store.CannedReplies(c.Request.Context(), store.CannedReplyFilter{
		InboxIDs: visibleInboxes(c), InboxID: given(params.InboxID), Q: given(params.Q),
	}, page(params.Cursor, params.Limit))
	answerPage(c, replies, next, err, cannedReplyOut)
}

// CreateCannedReply creates a canned reply.
func (s *server) CreateCannedReply(c *gin.Context) {
	reply, err := decodeCannedReply(c, inbox.CannedReply{})
	if err != nil {
		refuse(c, err)
		return
	}
	reply, err = s.store.CreateCannedReply(c.Request.Context(), reply)
	answer(c, http.StatusCreated, reply, err, cannedReplyOut)
}

// UpdateCannedReply changes a canned reply.
func (s *server) UpdateCannedReply(c *gin.Context, id string) {
	ctx := c.Request.Context()
	before, err := s.store.CannedReply(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	reply, err := decodeCannedReply(c, before)
	if err != nil {
		refuse(c, err)
		return
	}
	reply, err = s.store.UpdateCannedReply(ctx, reply)
	answer(c, http.StatusOK, reply, err, cannedReplyOut)
}

// DeleteCannedReply deletes a canned reply.
func (s *server) DeleteCannedReply(c *gin.Context, id string) {
	answerDone(c, s.store.DeleteCannedReply(c.Request.Context(), id))
}

// FillInCannedReply answers a canned reply for the conversation's contact, as
// the caller's answer to edit and post.
func (s *server) FillInCannedReply(c *gin.Context, id, cannedID string) {
	conversation, err := s.visibleConversation(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	reply, err := s.store.CannedReply(ctx, cannedID)
	if err == nil && !reply.IsFor(conversation.InboxID) {
		err = inbox.NotFound("canned reply")
	}
	if err != nil {
		refuse(c, err)
		return
	}
	var contact inbox.Contact
	if conversation.ContactID != "" {
		if contact, err = s.store.Contact(ctx, conversation.ContactID); err != nil {
			refuse(c, err)
			return
		}
	}
	text, html := reply.FillIn(contact, caller(c))
	c.PureJSON(http.StatusOK, contract.FilledReply{Text: text, HTML: optional(html)})
}

func decodeCannedReply(c *gin.Context, current inbox.CannedReply) (inbox.CannedReply, error) {
	in, err := decodePatch(c, cannedReplyOut(current))
	if err != nil {
		return inbox.CannedReply{}, err
	}
	reply := inbox.CannedReply{
		ID: current.ID, Name: in.Name, Text: channels.CleanText(in.Text), HTML: channels.SafeHTML(given(in.HTML)),
		InboxID: given(in.InboxID), CreatedAt: current.CreatedAt,
	}
	if reply.Text == "" {
		return inbox.CannedReply{}, inbox.Invalid("text", "A canned reply needs a text.")
	}
	return reply, reply.CheckPlaceholders()
}

func cannedReplyOut(reply inbox.CannedReply) contract.CannedReply {
	return contract.CannedReply{
		ID: reply.ID, Name: reply.Name, Text: reply.Text, HTML: optional(reply.HTML), InboxID: optional(reply.InboxID),
		CreatedAt: reply.CreatedAt,
	}
}

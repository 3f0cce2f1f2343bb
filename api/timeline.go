package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// GetTimeline lists what happened to a conversation, with the comments' texts.
func (s *server) GetTimeline(c *gin.Context, id string, params contract.GetTimelineParams) {
	if _, err := s.visibleConversation(c, id); err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	events, next, err := s.store.Timeline(ctx, id, page(params.Cursor, params.Limit))
	if err != nil {
		refuse(c, err)
		return
	}
	texts, err := s.commentTexts(ctx, events)
	answerPage(c, events, next, err, func(event inbox.Event) contract.Event {
		out := eventOut(event)
		if text, ok := texts[event.ID]; ok {
			out.Comment = &text
		}
		return out
	})
}

// commentTexts returns the texts of comments by the id of their event.
func (s *server) commentTexts(ctx context.Context, events []inbox.Event) (map[int64]string, error) {
	eventOf := map[string]int64{}
	var ids []string
	for _, event := range events {
		if event.Kind != inbox.EventComment {
			continue
		}
		var data struct {
			CommentID string `json:"comment_id"`
		}
		if err := json.Unmarshal(event.Data, &data); err != nil {
			return nil, fmt.Errorf("read event %d: %w", event.ID, err)
		}
		eventOf[data.CommentID] = event.ID
		ids = append(ids, data.CommentID)
	}
	comments, err := s.store.CommentsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	texts := map[int64]string{}
	for _, comment := range comments {
		texts[eventOf[comment.ID]] = comment.Text
	}
	return texts, nil
}

// CreateComment adds an internal comment.
func (s *server) CreateComment(c *gin.Context, id string) {
	if _, err := s.visibleConversation(c, id); err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.CommentCreate](c)
	if err != nil {
		refuse(c, err)
		return
	}
	text := channels.CleanText(in.Text)
	if text == "" {
		refuse(c, inbox.Invalid("text", "A comment needs a text."))
		return
	}
	comment, err := s.store.AddComment(c.Request.Context(), id, caller(c).ID, text, time.Now())
	answer(c, http.StatusCreated, comment, err, commentOut)
}

func commentOut(comment inbox.Comment) contract.Comment {
	return contract.Comment{
		ID: comment.ID, ConversationID: comment.ConversationID, AgentID: comment.AgentID,
		Text: comment.Text, CreatedAt: comment.CreatedAt,
	}
}

func eventOut(event inbox.Event) contract.Event {
	out := contract.Event{
		ID: event.ID, ConversationID: event.ConversationID, InboxID: event.InboxID,
		Kind: contract.EventKind(event.Kind), Actor: authorOut(event.Actor), Data: event.Data, At: event.At,
	}
	if len(out.Data) == 0 || string(out.Data) == "null" {
		out.Data = json.RawMessage("{}")
	}
	return out
}

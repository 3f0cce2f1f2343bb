package api

import (
	"context"
	"reflect"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// StreamEvents sends the events of the inboxes the caller sees.
func (s *server) StreamEvents(c *gin.Context, params contract.StreamEventsParams) {
	ctx, agent := c.Request.Context(), caller(c)
	release, ok := s.streams.admitAgent(c, agent.ID)
	if !ok {
		return
	}
	defer release()
	after := int64(FromNow)
	if params.After != nil {
		after = *params.After
	}
	if params.LastEventID != nil {
		after = *params.LastEventID
	}
	listener, err := s.hub.Subscribe(ctx, after, func(event inbox.Event) bool { return agent.CanSee(event.InboxID) })
	if err != nil {
		refuse(c, err)
		return
	}
	defer listener.Close()
	eventStream{
		next: listener.Next,
		render: func(_ context.Context, event inbox.Event) (string, any, error) {
			return string(event.Kind), eventOut(event), nil
		},
		heartbeat: s.heartbeat,
		// A token that was revoked or an inbox that was withdrawn ends the stream.
		allowed: func(context.Context) bool {
			now, err := s.agentOf(c)
			return err == nil && now.Admin == agent.Admin && reflect.DeepEqual(now.InboxIDs, agent.InboxIDs)
		},
	}.serve(c)
}

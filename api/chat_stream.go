package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
)

// StreamChatEvents tells a visitor what happens in his thread, as it happens.
func (p *public) StreamChatEvents(c *gin.Context, _ string, params contract.StreamChatEventsParams) {
	channel := asked(c)
	visitor, err := p.visitorOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	release, ok := p.streams.admitVisitor(c, visitor.ThreadKey)
	if !ok {
		return
	}
	defer release()
	ctx, token := c.Request.Context(), visitorToken(c)
	listener, err := p.hub.Subscribe(ctx, FromNow, func(event inbox.Event) bool { return event.ThreadKey == visitor.ThreadKey })
	if err != nil {
		refuse(c, err)
		return
	}
	defer listener.Close()
	missed, err := p.missed(ctx, channel.ID, visitor.ThreadKey, after(params), listener.seen)
	if err != nil {
		refuse(c, err)
		return
	}
	names := p.agentNames()
	eventStream{
		next: func(ctx context.Context, patience time.Duration) ([]inbox.Event, error) {
			if events, err := missed.next(ctx); err != nil || len(events) > 0 {
				return events, err
			}
			return listener.Next(ctx, patience)
		},
		heartbeat: p.heartbeat,
		allowed: func(ctx context.Context) bool {
			_, err := p.store.Channel(ctx, channel.ID)
			if inbox.CodeOf(err) == inbox.CodeNotFound {
				return false
			}
			_, err = p.visitorByToken(ctx, channel.ID, token)
			return inbox.CodeOf(err) != inbox.CodeUnauthorized
		},
		// Nothing reaches a token that was replaced.
		each: true,
		render: func(ctx context.Context, event inbox.Event) (string, any, error) {
			return p.render(ctx, event, visitor.ThreadKey, names)
		},
	}.serve(c)
}

// after is the event after which the stream begins: the newest, unless the client names
// an earlier one.
func after(params contract.StreamChatEventsParams) int64 {
	switch {
	case params.LastEventID != nil:
		return *params.LastEventID
	case params.After != nil:
		return *params.After
	default:
		return FromNow
	}
}

// missedEvents are the stored events of a visitor's conversation after one, up to
// another. A visitor costs only his own conversation's, however many others there are.
type missedEvents struct {
	store          *store.Store
	conversationID string
	after, upTo    int64
}

// missed is what a visitor's stream begins with; nothing when nothing was said yet.
func (p *public) missed(ctx context.Context, channelID, thread string, after, upTo int64) (missedEvents, error) {
	if after >= upTo {
		return missedEvents{}, nil
	}
	conversation, err := p.store.ConversationByThread(ctx, channelID, thread)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return missedEvents{}, nil
	}
	return missedEvents{p.store, conversation.ID, after, upTo}, err
}

// next returns the next page of them, none when there are no more.
func (m *missedEvents) next(ctx context.Context) ([]inbox.Event, error) {
	if m.after >= m.upTo {
		return nil, nil
	}
	events, err := m.store.ConversationEventsAfter(ctx, m.conversationID, m.after, pageOfEvents)
	if err != nil {
		return nil, err
	}
	m.after = m.upTo
	if len(events) == pageOfEvents {
		m.after = events[len(events)-1].ID
	}
	return slices.DeleteFunc(events, func(event inbox.Event) bool { return event.ID > m.upTo }), nil
}

// render is an event as the visitor may see it; most are not his business.
func (p *public) render(ctx context.Context, event inbox.Event, thread string, names agentNames) (string, any, error) {
	switch event.Kind {
	case inbox.EventOpened, inbox.EventReopened:
		return "conversation", contract.ChatConversation{Status: contract.ChatConversationStatusOpen}, nil
	case inbox.EventClosed:
		return "conversation", contract.ChatConversation{Status: contract.ChatConversationStatusClosed}, nil
	case inbox.EventTyping:
		if event.Actor.Kind != inbox.AuthorAgent {
			return "", nil, nil
		}
		name, err := names(ctx, event.Actor.ID)
		return "typing", contract.ChatTyping{Name: name}, err
	case inbox.EventRead:
		return "read", event.Data, nil
	case inbox.EventMessageReceived, inbox.EventMessageState:
		return p.renderMessage(ctx, event, thread, names)
	default:
		return "", nil, nil
	}
}

// renderMessage shows an answer when it is sent, which is the event that
// delivers it. That it was read is an event of its own, which follows.
func (p *public) renderMessage(ctx context.Context, event inbox.Event, thread string, names agentNames) (string, any, error) {
	var data struct {
		MessageID string             `json:"message_id"`
		State     inbox.MessageState `json:"state"`
	}
	if err := json.Unmarshal(event.Data, &data); err != nil {
		return "", nil, fmt.Errorf("read event %d: %w", event.ID, err)
	}
	if event.Kind == inbox.EventMessageState && data.State != inbox.MessageSent {
		return "", nil, nil
	}
	message, err := p.store.Message(ctx, data.MessageID)
	if err != nil {
		return "", nil, err
	}
	shown, err := chatMessage(ctx, message, thread, time.Time{}, names)
	return "message", shown, err
}

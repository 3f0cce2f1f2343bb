package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// threadPoll is how soon a stream that was opened before anything was said
// finds its conversation.
const threadPoll = time.Second

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
	after, err := p.startOf(ctx, params)
	if err != nil {
		refuse(c, err)
		return
	}
	events := make(chan inbox.Event)
	go func() {
		defer close(events)
		if err := p.follow(ctx, channel.ID, visitor.ThreadKey, after, events); err != nil && ctx.Err() == nil && !errors.Is(err, errStopping) {
			p.log.WarnContext(ctx, "visitor's stream ended", "channel_id", channel.ID, "error", err)
		}
	}()
	names := p.agentNames()
	eventStream{
		events:    events,
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

// startOf is the event after which the stream begins: now, unless the client
// names an earlier one.
func (p *public) startOf(ctx context.Context, params contract.StreamChatEventsParams) (int64, error) {
	now, err := p.store.LastEventID(ctx)
	switch {
	case params.LastEventID != nil:
		return min(now, *params.LastEventID), err
	case params.After != nil:
		return min(now, *params.After), err
	default:
		return now, err
	}
}

// follow sends the thread's events after an id: those in the store, then new
// ones. A visitor costs only his own conversation's events, however many others
// there are.
func (p *public) follow(ctx context.Context, channelID, thread string, after int64, out chan<- inbox.Event) error {
	conversationID, err := p.awaitThread(ctx, channelID, thread)
	if err != nil {
		return err
	}
	last, err := p.store.LastEventID(ctx)
	if err != nil {
		return err
	}
	live, err := p.hub.Subscribe(ctx, last, func(e inbox.Event) bool { return e.ConversationID == conversationID })
	if err != nil {
		return err
	}
	if err := p.replay(ctx, conversationID, after, last, out); err != nil {
		return err
	}
	for event := range live {
		if err := send(ctx, out, event); err != nil {
			return err
		}
	}
	return nil
}

// awaitThread waits until the visitor has said something, to whichever process.
func (p *public) awaitThread(ctx context.Context, channelID, thread string) (conversationID string, err error) {
	ticker := time.NewTicker(threadPoll)
	defer ticker.Stop()
	for {
		conversation, err := p.store.ConversationByThread(ctx, channelID, thread)
		if err == nil || inbox.CodeOf(err) != inbox.CodeNotFound {
			return conversation.ID, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-p.hub.ended:
			return "", errStopping
		case <-ticker.C:
		}
	}
}

// errStopping ends a stream because the process does.
var errStopping = errors.New("the server stops")

// replay sends the conversation's stored events after one id, up to another.
func (p *public) replay(ctx context.Context, conversationID string, after, upTo int64, out chan<- inbox.Event) error {
	for {
		events, err := p.store.ConversationEventsAfter(ctx, conversationID, after, pageOfEvents)
		if err != nil {
			return err
		}
		for _, event := range events {
			if event.ID > upTo {
				return nil
			}
			if err := send(ctx, out, event); err != nil {
				return err
			}
			after = event.ID
		}
		if len(events) < pageOfEvents {
			return nil
		}
	}
}

// render is an event as the visitor may see it; most are not his business.
func (p *public) render(ctx context.Context, event inbox.Event, thread string, names agentNames) (string, any, error) {
	switch event.Kind {
	case inbox.EventOpened, inbox.EventReopened:
		return "conversation", gin.H{"status": inbox.StatusOpen}, nil
	case inbox.EventClosed:
		return "conversation", gin.H{"status": inbox.StatusClosed}, nil
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

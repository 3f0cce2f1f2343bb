package activities

import (
	"context"
	"fmt"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// Answered is an automatic answer on its way; the zero value is none.
type Answered struct {
	MessageID string `json:"message_id,omitempty"`
	// Queue is the provider's task queue.
	Queue string `json:"queue,omitempty"`
}

// AnswerAway tells the contact that nobody is there, when the channel has words
// for it and the contact was not told just before (B10).
func (a *Activities) AnswerAway(ctx context.Context, ref inbox.EpisodeRef) (Answered, error) {
	conversation, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return Answered{}, final(fmt.Errorf("load conversation: %w", err))
	}
	absent, ok := a.Kinds[conversation.ChannelKind].(channels.Absent)
	if !ok {
		return Answered{}, nil
	}
	channel, err := a.Store.ChannelAt(ctx, conversation.ChannelID, conversation.ChannelRevision)
	if err != nil {
		return Answered{}, final(fmt.Errorf("load channel: %w", err))
	}
	text, err := absent.AwayMessage(channel)
	if err != nil || text == "" {
		return Answered{}, err
	}
	id, err := a.Store.AnswerAway(ctx, ref, text, a.Now(), routing.AnswerAway)
	if err != nil || id == "" {
		return Answered{}, final(err)
	}
	reply, err := a.Store.Reply(ctx, id)
	if err != nil {
		return Answered{}, final(fmt.Errorf("load the answer: %w", err))
	}
	queue, err := a.deliverOrQueue(ctx, reply, a.Now())
	if err != nil || queue == "" {
		return Answered{}, err
	}
	return Answered{MessageID: id, Queue: queue}, nil
}

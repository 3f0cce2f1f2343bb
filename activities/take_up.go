package activities

import (
	"context"
	"fmt"
	"slices"

	"switchboard/channels"
	"switchboard/inbox"
)

// UnderWay is what a conversation's workflow should have in hand.
type UnderWay struct {
	// Answers are in the order of the thread.
	Answers []Answered `json:"answers,omitempty"`
	Notices []string   `json:"notices,omitempty"`
}

// TakeUp lists what the workflow may have lost, such as what an earlier run had in
// hand when it was terminated.
func (a *Activities) TakeUp(ctx context.Context, ref inbox.EpisodeRef) (UnderWay, error) {
	conversation, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return UnderWay{}, final(fmt.Errorf("load conversation: %w", err))
	}
	return a.underWay(ctx, conversation)
}

func (a *Activities) underWay(ctx context.Context, conversation inbox.Conversation) (UnderWay, error) {
	var under UnderWay
	notices, err := a.Store.NoticesUnderWay(ctx, conversation.ID)
	if err != nil {
		return UnderWay{}, err
	}
	under.Notices = append(under.Notices, notices...)
	sender, ok := a.Kinds[conversation.ChannelKind].(channels.Sender)
	if !ok {
		return under, nil // its answers leave at once
	}
	answers, err := a.Store.AnswersUnderWay(ctx, conversation.ID)
	if err != nil || len(answers) == 0 {
		return under, err
	}
	channel, err := a.Store.ChannelAt(ctx, conversation.ChannelID, conversation.ChannelRevision)
	if err != nil {
		return UnderWay{}, final(fmt.Errorf("load channel: %w", err))
	}
	under.Answers = onQueue(sender.Queue(channel), answers)
	return under, nil
}

// answersBefore are those that leave before a message, by the same queue.
func (a *Activities) answersBefore(ctx context.Context, message inbox.Message, queue string) ([]Answered, error) {
	if queue == "" {
		return nil, nil
	}
	answers, err := a.Store.AnswersUnderWay(ctx, message.ConversationID)
	i, _ := slices.BinarySearch(answers, message.ID)
	return onQueue(queue, answers[:i]), err
}

func onQueue(queue string, messageIDs []string) (answers []Answered) {
	for _, id := range messageIDs {
		answers = append(answers, Answered{MessageID: id, Queue: queue})
	}
	return answers
}

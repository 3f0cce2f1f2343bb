package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// RunChatflowInput names the contact's message that a chatflow answers; "" is the
// one that opened the episode.
type RunChatflowInput struct {
	Ref       inbox.EpisodeRef `json:"ref"`
	MessageID string           `json:"message_id,omitempty"`
}

// ChatflowRun says how the conversation goes on.
type ChatflowRun struct {
	Outcome inbox.ChatflowOutcome `json:"outcome"`
	// Outbox are the messages that leave by a provider, in order.
	Outbox []Answered `json:"outbox,omitempty"`
	// HandOverAt is when the conversation is handed over unless the contact
	// answers; zero unless the flow waits.
	HandOverAt time.Time `json:"hand_over_at,omitzero"`
}

// RunChatflow answers a message of the contact by the episode's chatflow (C11,
// M4). What it says is held against the window like every automatic message
// (B11); what the contact says about himself is noted like what he says to the
// chat: an identity of somebody else only suggests a merge (G9, M9).
func (a *Activities) RunChatflow(ctx context.Context, in RunChatflowInput) (ChatflowRun, error) {
	now := a.Now()
	conversation, err := a.Store.Conversation(ctx, in.Ref.ConversationID)
	if err != nil {
		return ChatflowRun{}, final(fmt.Errorf("load conversation: %w", err))
	}
	channel, err := a.Store.ChannelAt(ctx, conversation.ChannelID, conversation.ChannelRevision)
	if err != nil {
		return ChatflowRun{}, final(fmt.Errorf("load channel: %w", err))
	}
	decide := func(q inbox.ChatflowQuestion) (inbox.ChatflowDecision, error) {
		var err error
		q.Flow, err = channels.Worded(q.Flow, a.Kinds[channel.Kind], channel)
		return routing.NextChatflow(q), err
	}
	turn, err := a.Store.TakeTurn(ctx, in.Ref, in.MessageID, now, decide)
	if err != nil {
		return ChatflowRun{}, final(err)
	}
	if err := a.noteAnswer(ctx, conversation.ContactID, channel, turn.Collected); err != nil {
		return ChatflowRun{}, err
	}
	run := ChatflowRun{Outcome: turn.Outcome, HandOverAt: turn.HandOverAt}
	for _, id := range turn.MessageIDs {
		answered, err := a.sendAutomatic(ctx, id, now)
		if err != nil {
			return ChatflowRun{}, err
		}
		if answered.Queue != "" {
			run.Outbox = append(run.Outbox, answered)
		}
	}
	return run, nil
}

// noteAnswer notes what the contact said about himself; where others say who he is, no
// more than his name.
func (a *Activities) noteAnswer(ctx context.Context, contactID string, channel inbox.Channel, answer *inbox.ChatflowAnswer) error {
	if answer == nil || contactID == "" {
		return nil
	}
	contact, err := a.Store.Contact(ctx, contactID)
	if err != nil {
		return final(fmt.Errorf("load contact: %w", err))
	}
	if kind, ok := a.Kinds[channel.Kind].(channels.Vouched); ok && answer.Collect != inbox.CollectName {
		if only, err := kind.OnlyVouched(channel); err != nil || only {
			return final(err)
		}
	}
	sender, ok := routing.SenderOfAnswer(contact, *answer)
	if !ok {
		return nil
	}
	sender.Name = channels.CleanName(sender.Name)
	return final(a.Store.Identify(ctx, sender))
}

// sendAutomatic decides how an automatic message leaves; a refusal is recorded on
// it, and it leaves not at all.
func (a *Activities) sendAutomatic(ctx context.Context, messageID string, now time.Time) (Answered, error) {
	reply, err := a.Store.Reply(ctx, messageID)
	if err != nil {
		return Answered{}, final(fmt.Errorf("load message: %w", err))
	}
	switch reply.Message.State {
	case inbox.MessagePending:
		if refusal := a.refusal(reply, now); refusal != nil {
			_, err := a.settle(ctx, messageID, inbox.MessageFailed, refusal.Code)
			return Answered{}, err
		}
	case inbox.MessageSending:
	default:
		return Answered{}, nil
	}
	queue, err := a.deliverOrQueue(ctx, reply, now)
	return Answered{MessageID: messageID, Queue: queue}, err
}

// StopChatflowInput names the episode whose chatflow ends, and why.
type StopChatflowInput struct {
	Ref    inbox.EpisodeRef     `json:"ref"`
	Reason inbox.ChatflowReason `json:"reason"`
}

// StopChatflow ends the chatflow that an episode waits in.
func (a *Activities) StopChatflow(ctx context.Context, in StopChatflowInput) error {
	return final(a.Store.StopChatflow(ctx, in.Ref, in.Reason, a.Now()))
}

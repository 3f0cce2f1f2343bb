package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// AllowReplyInput names a stored, pending message to the contact.
type AllowReplyInput struct {
	Ref       inbox.EpisodeRef `json:"ref"`
	MessageID string           `json:"message_id"`
}

// Allowed says how an answer leaves.
type Allowed struct {
	// Queue is the provider's task queue; "" when the answer was delivered by
	// its event alone.
	Queue string `json:"queue,omitempty"`
	// Before are answers that leave before it, should the workflow not have them in
	// hand.
	Before []Answered `json:"before,omitempty"`
	// Episode is later than the one asked for when the answer reopened the
	// conversation.
	Episode int `json:"episode"`
	// AssigneeID is the conversation's assignee after the answer: an unassigned
	// conversation goes to the agent who answers it.
	AssigneeID string       `json:"assignee_id,omitempty"`
	TeamID     string       `json:"team_id,omitempty"`
	Status     inbox.Status `json:"status"`
	// SnoozedUntil stands: answering does not wake a conversation.
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	QuietAt      time.Time `json:"quiet_at,omitzero"`
}

// AllowReply decides whether an answer may be sent now (B11). A refusal is
// recorded on the message and returned as a final error under its code. An
// answer that is asked for again after it left changes nothing.
func (a *Activities) AllowReply(ctx context.Context, in AllowReplyInput) (Allowed, error) {
	reply, err := a.Store.Reply(ctx, in.MessageID)
	if err != nil {
		return Allowed{}, final(fmt.Errorf("load reply: %w", err))
	}
	now := a.Now()
	conversation := reply.Conversation
	if reply.Message.State == inbox.MessagePending {
		if conversation, err = a.accept(ctx, reply, now); err != nil {
			return Allowed{}, err
		}
	}
	queue, err := a.deliverOrQueue(ctx, reply, now)
	if err != nil {
		return Allowed{}, err
	}
	before, err := a.answersBefore(ctx, reply.Message, queue)
	if err != nil {
		return Allowed{}, err
	}
	quietAt, err := a.quietAt(ctx)
	if err != nil {
		return Allowed{}, err
	}
	return Allowed{
		Queue:        queue,
		Before:       before,
		Episode:      conversation.Episode,
		AssigneeID:   conversation.AssigneeID,
		TeamID:       conversation.TeamID,
		Status:       conversation.Status,
		SnoozedUntil: conversation.SnoozedUntil,
		QuietAt:      quietAt,
	}, nil
}

// accept records a refusal, or gives the conversation to who answers it.
func (a *Activities) accept(ctx context.Context, reply store.Reply, now time.Time) (inbox.Conversation, error) {
	if refusal := a.refusal(reply, now); refusal != nil {
		if err := a.Store.SetMessageState(ctx, reply.Message.ID, inbox.MessageFailed, refusal.Code, now); err != nil {
			return inbox.Conversation{}, fmt.Errorf("record refusal: %w", err)
		}
		return inbox.Conversation{}, final(refusal)
	}
	conversation, err := a.Store.TakeByAnswer(ctx, reply.Message, now)
	if err != nil {
		return inbox.Conversation{}, final(fmt.Errorf("take by answer: %w", err))
	}
	return conversation, nil
}

// refusal returns why the message may not be sent at the moment, nil if it may.
func (a *Activities) refusal(reply store.Reply, now time.Time) *inbox.Error {
	kind := reply.Conversation.ChannelKind
	if reply.Conversation.AwaitsConsent && !store.AboutConsent(reply.Message) {
		return consentMissing()
	}
	refusal := routing.MaySend(routing.WindowOf(reply.Conversation, now), kind, reply.Message.Author.Kind)
	if reply.Message.Template != nil {
		refusal = routing.MaySendTemplate(kind)
	}
	if refusal != nil {
		return refusal
	}
	if checker, ok := a.Kinds[kind].(channels.Addresser); ok {
		if refusal, ok := errors.AsType[*inbox.Error](checker.CheckAddress(outgoing(reply))); ok {
			return refusal
		}
	}
	return nil
}

// deliverOrQueue returns the provider's queue, from where the workflow takes the
// answer on: the sweep need not tell it again. A channel without a provider
// has delivered with the event that says "sent".
func (a *Activities) deliverOrQueue(ctx context.Context, reply store.Reply, now time.Time) (string, error) {
	if sender, ok := a.Kinds[reply.Conversation.ChannelKind].(channels.Sender); ok {
		if err := a.Store.MarkDispatched(ctx, reply.Message.ID, now); err != nil {
			return "", fmt.Errorf("confirm answer: %w", err)
		}
		return sender.Queue(reply.Channel), nil
	}
	if err := a.Store.SetMessageState(ctx, reply.Message.ID, inbox.MessageSent, "", now); err != nil {
		return "", fmt.Errorf("record delivery: %w", err)
	}
	return "", nil
}

func outgoing(reply store.Reply) channels.Outgoing {
	return channels.Outgoing{
		Account:      reply.Account,
		Channel:      reply.Channel,
		Conversation: reply.Conversation,
		Contact:      reply.Contact,
		Agent:        reply.Agent,
		Message:      reply.Message,
		References:   reply.References,
	}
}

package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// partsOf are the messages that an answer is for its provider.
func (a *Activities) partsOf(reply store.Reply) []inbox.Message {
	if divider, ok := a.Kinds[reply.Conversation.ChannelKind].(channels.Divider); ok {
		return divider.Parts(reply.Message)
	}
	return []inbox.Message{reply.Message}
}

// sendParts hands over an answer that is claimed, one part after the other, without
// those that the provider has. Each is claimed by itself, so that after a crash only
// the one that was under way is in doubt.
func (a *Activities) sendParts(
	ctx context.Context, sender channels.Sender, reply store.Reply, out channels.Outgoing, parts []inbox.Message,
) (inbox.MessageState, error) {
	recorded := context.WithoutCancel(ctx)
	messageID := reply.Message.ID
	known, err := a.Store.MessageParts(ctx, messageID)
	if err != nil {
		return "", err
	}
	sent := make(map[int]bool, len(known))
	for _, part := range known {
		sent[part.Number] = !part.InDoubt()
	}
	for number := 1; number <= len(parts); number++ {
		if sent[number] {
			continue
		}
		if late(ctx) {
			if _, err := a.settle(recorded, messageID, inbox.MessagePending, ""); err != nil {
				return "", err
			}
			return "", tryAgain(&channels.SendError{Code: inbox.CodeUnavailable, RetryAfter: time.Second})
		}
		claimed, err := a.Store.ClaimPart(ctx, messageID, number, len(parts))
		if err != nil {
			return "", err
		}
		if !claimed {
			return a.inOtherHands(ctx, messageID)
		}
		part := out.OnePart(parts, number)
		part.Window = routing.WindowOf(reply.Conversation, a.Now())
		accepted, err := sender.Send(ctx, part)
		if err != nil {
			return a.afterPartFailed(recorded, reply, part, err)
		}
		if err := a.Store.PartSent(recorded, messageID, number, accepted.ProviderMessageID, a.Now()); err != nil {
			return "", fmt.Errorf("record sending: %w", err)
		}
	}
	message, err := a.Store.Message(recorded, messageID)
	if err != nil {
		return "", final(fmt.Errorf("load message: %w", err))
	}
	return message.State, nil // the provider may have told already that one failed
}

// afterPartFailed is afterFailure for one part. What was certainly not sent is given
// back.
func (a *Activities) afterPartFailed(ctx context.Context, reply store.Reply, out channels.Outgoing, err error) (inbox.MessageState, error) {
	failure := failureOf(err)
	if failure.Outcome != channels.Unknown {
		if err := a.Store.ReleasePart(ctx, reply.Message.ID, out.Part); err != nil {
			return "", err
		}
	}
	return a.afterFailure(ctx, reply, out.Window, failure)
}

// reconcileParts is reconcile for an answer of several parts: only one that was under
// way is in doubt.
func (a *Activities) reconcileParts(ctx context.Context, reply store.Reply, messages []inbox.Message) (inbox.MessageState, error) {
	messageID := reply.Message.ID
	parts, err := a.Store.MessageParts(ctx, messageID)
	if err != nil {
		return "", err
	}
	for _, part := range parts {
		if !part.InDoubt() {
			continue
		}
		accepted, found, state, err := a.lookUp(ctx, reply, outgoing(reply).OnePart(messages, part.Number))
		switch {
		case err != nil || state != "":
			return state, err
		case found:
			err = a.Store.PartSent(ctx, messageID, part.Number, accepted.ProviderMessageID, a.Now())
		default:
			err = a.Store.ReleasePart(ctx, messageID, part.Number)
		}
		if err != nil {
			return "", err
		}
	}
	if parts, err = a.Store.MessageParts(ctx, messageID); err != nil {
		return "", err
	}
	if store.AllSent(parts) {
		last := parts[len(parts)-1].ProviderMessageID
		if err := a.Store.MarkSent(ctx, messageID, last, a.Now()); err != nil {
			return "", fmt.Errorf("record sending: %w", err)
		}
		return inbox.MessageSent, nil
	}
	return a.settle(ctx, messageID, inbox.MessagePending, "")
}

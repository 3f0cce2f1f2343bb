package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"switchboard/inbox"
)

// messageTransitions is the state machine of a message to the contact: what may
// follow a state. Nothing goes back, but for "sending" to "pending" when the
// provider certainly refused for now, and "unknown", which the provider's word
// resolves. Providers report failures after they accepted a message.
var messageTransitions = map[inbox.MessageState][]inbox.MessageState{
	inbox.MessagePending: {
		inbox.MessageSending, inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead, inbox.MessageFailed, inbox.MessageUnknown,
	},
	inbox.MessageSending: {
		inbox.MessagePending, inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead, inbox.MessageFailed, inbox.MessageUnknown,
	},
	inbox.MessageUnknown:   {inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead, inbox.MessageFailed},
	inbox.MessageSent:      {inbox.MessageDelivered, inbox.MessageRead, inbox.MessageFailed},
	inbox.MessageDelivered: {inbox.MessageRead},
}

// messageStateData is a message's new state in the timeline.
type messageStateData struct {
	MessageID string             `json:"message_id"`
	State     inbox.MessageState `json:"state"`
	Code      inbox.Code         `json:"code,omitempty"`
}

// SetMessageState follows a provider's answer about a message to the contact;
// code says why it failed or is unknown. A state that cannot follow the present
// one comes too late and changes nothing: callbacks arrive in any order.
func (s *Store) SetMessageState(
	ctx context.Context, messageID string, state inbox.MessageState, code inbox.Code, at time.Time,
) error {
	_, err := s.setMessageState(ctx, messageID, state, code, "", "", at)
	return err
}

// FailMessage records that a message certainly did not reach the contact, with the
// provider's reason in words, without personal data; "" is none.
func (s *Store) FailMessage(ctx context.Context, messageID string, code inbox.Code, detail string, at time.Time) error {
	_, err := s.setMessageState(ctx, messageID, inbox.MessageFailed, code, detail, "", at)
	return err
}

// ClaimMessage takes a pending message for sending. claimed is false when it is
// not pending any more: of two tries that overlap, one sends.
func (s *Store) ClaimMessage(ctx context.Context, messageID string, at time.Time) (claimed bool, err error) {
	return s.setMessageState(ctx, messageID, inbox.MessageSending, "", "", "", at)
}

// MarkSent records that the provider accepted a message, under its own id for
// it; "" is when ours stands.
func (s *Store) MarkSent(ctx context.Context, messageID, providerMessageID string, at time.Time) error {
	_, err := s.setMessageState(ctx, messageID, inbox.MessageSent, "", "", providerMessageID, at)
	return err
}

// setMessageState reports whether the message moved to the state.
func (s *Store) setMessageState(
	ctx context.Context, messageID string, state inbox.MessageState, code inbox.Code, detail, providerMessageID string, at time.Time,
) (moved bool, err error) {
	err = s.tx(ctx, func(t *tx) error {
		m, err := take[messageRow](t.Clauses(forUpdate).Where("id = ?", messageID), "message")
		if err != nil {
			return err
		}
		changes := map[string]any{}
		if providerMessageID != "" && providerMessageID != m.ProviderMessageID {
			changes["provider_message_id"] = providerMessageID
		}
		moved = slices.Contains(messageTransitions[m.State], state)
		if moved {
			changes["state"], changes["error_code"], changes["error_detail"] = state, string(code), detail
			// The workflow has the message in hand: the sweep need not tell it.
			if m.DispatchedAt.IsZero() && state != inbox.MessagePending {
				changes["dispatched_at"] = stampOf(at)
			}
		}
		if len(changes) == 0 {
			return nil
		}
		if err := t.Model(&m).Updates(changes).Error; err != nil {
			return err
		}
		if !moved {
			return nil
		}
		c, err := take[conversationRow](t.Select("id", "inbox_id").Where("id = ?", m.ConversationID), "conversation")
		if err != nil {
			return err
		}
		t.event(&c, inbox.EventMessageState, automation, messageStateData{messageID, state, code}, at)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("set message state: %w", err)
	}
	return moved, nil
}

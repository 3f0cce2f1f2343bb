package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
	// Parts is how much of an answer of several parts left when it stopped.
	Parts *partsData `json:"parts,omitempty"`
}

// messageChange is what a message becomes.
type messageChange struct {
	state inbox.MessageState
	// code and detail say why it failed or is unknown.
	code   inbox.Code
	detail string
	// providerMessageID is the provider's id of it; "" leaves it.
	providerMessageID string
}

// SetMessageState follows a provider's answer about a message to the contact;
// code says why it failed or is unknown. A state that cannot follow the present
// one comes too late and changes nothing: callbacks arrive in any order.
func (s *Store) SetMessageState(
	ctx context.Context, messageID string, state inbox.MessageState, code inbox.Code, at time.Time,
) error {
	_, err := s.setMessageState(ctx, messageID, messageChange{state: state, code: code}, at)
	return err
}

// FailMessage records that a message certainly did not reach the contact, with the
// provider's reason in words, without personal data; "" is none.
func (s *Store) FailMessage(ctx context.Context, messageID string, code inbox.Code, detail string, at time.Time) error {
	_, err := s.setMessageState(ctx, messageID, messageChange{state: inbox.MessageFailed, code: code, detail: detail}, at)
	return err
}

// ClaimMessage takes a pending message for sending. claimed is false when it is
// not pending any more: of two tries that overlap, one sends.
func (s *Store) ClaimMessage(ctx context.Context, messageID string, at time.Time) (claimed bool, err error) {
	return s.setMessageState(ctx, messageID, messageChange{state: inbox.MessageSending}, at)
}

// lookedBack bounds how many of a conversation's events are searched for a try.
const lookedBack = 100

// TriedAt is when a message was last taken for sending; of one whose try is not found,
// when it was written.
func (s *Store) TriedAt(ctx context.Context, m inbox.Message) (time.Time, error) {
	var rows []eventRow
	err := s.reading(ctx).Where("conversation_id = ? AND kind = ?", m.ConversationID, inbox.EventMessageState).
		Order("id DESC").Limit(lookedBack).Find(&rows).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("find the message's try: %w", err)
	}
	for _, row := range rows {
		var data messageStateData
		if err := json.Unmarshal(row.Data.V, &data); err != nil {
			return time.Time{}, fmt.Errorf("read event data: %w", err)
		}
		if data.MessageID == m.ID && data.State == inbox.MessageSending {
			return row.At.Time, nil
		}
	}
	return m.CreatedAt, nil
}

// MarkSent records that the provider accepted a message, under its own id for
// it; "" is when ours stands.
func (s *Store) MarkSent(ctx context.Context, messageID, providerMessageID string, at time.Time) error {
	_, err := s.setMessageState(ctx, messageID, messageChange{state: inbox.MessageSent, providerMessageID: providerMessageID}, at)
	return err
}

// setMessageState reports whether the message moved to the state.
func (s *Store) setMessageState(ctx context.Context, messageID string, to messageChange, at time.Time) (moved bool, err error) {
	err = s.tx(ctx, func(t *tx) error {
		m, err := take[messageRow](t.Clauses(forUpdate).Where("id = ?", messageID), "message")
		if err != nil {
			return err
		}
		moved, err = t.setMessageState(&m, to, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("set message state: %w", err)
	}
	return moved, nil
}

// setMessageState moves a message that is locked. An answer that stops on its way says
// how much of it has left.
func (t *tx) setMessageState(m *messageRow, to messageChange, at time.Time) (moved bool, err error) {
	changes := map[string]any{}
	if to.providerMessageID != "" && to.providerMessageID != m.ProviderMessageID {
		changes["provider_message_id"] = to.providerMessageID
	}
	moved = slices.Contains(messageTransitions[m.State], to.state)
	data := messageStateData{MessageID: m.ID, State: to.state, Code: to.code}
	if moved {
		if to.state == inbox.MessageFailed || to.state == inbox.MessageUnknown {
			parts, err := t.messageParts(m.ID)
			if err != nil {
				return false, err
			}
			data.Parts = partsDataOf(parts)
		}
		changes["state"], changes["error_code"] = to.state, string(to.code)
		changes["error_detail"] = strings.TrimSpace(to.detail + " " + data.Parts.words())
		// The workflow has the message in hand: the sweep need not tell it.
		if m.DispatchedAt.IsZero() && to.state != inbox.MessagePending {
			changes["dispatched_at"] = stampOf(at)
		}
	}
	if len(changes) == 0 {
		return false, nil
	}
	if err := t.Model(m).Updates(changes).Error; err != nil || !moved {
		return false, err
	}
	c, err := take[conversationRow](t.Select("id", "inbox_id").Where("id = ?", m.ConversationID), "conversation")
	if err != nil {
		return false, err
	}
	t.event(&c, inbox.EventMessageState, automation, data, at)
	return true, nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// AdvanceMessage follows a provider's word about a message that left by a channel,
// under the provider's id for it, as SetMessageState does. found is false when no
// message has the id, or not yet: a callback may be faster than the answer to the
// call that it is about.
func (s *Store) AdvanceMessage(
	ctx context.Context, channelID, providerMessageID string, state inbox.MessageState, code inbox.Code, at time.Time,
) (found bool, err error) {
	row, err := take[messageRow](s.reading(ctx).Select("id").Where("channel_id = ? AND provider_message_id = ? AND direction = ?",
		channelID, providerMessageID, inbox.DirectionOut), "message")
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.SetMessageState(ctx, row.ID, state, code, at)
}

// Verdict is a provider's word about one message that left by a channel.
type Verdict struct {
	ChannelID string
	// MessageID is our id, as the provider was told it, or ""; Part which of several
	// messages it left as, from 1, or 0.
	MessageID         string
	Part              int
	ProviderMessageID string
	// State is what the message became; "" says that the provider has it.
	State inbox.MessageState
	// Code and Detail say why it failed.
	Code   inbox.Code
	Detail string
	At     time.Time
}

// FollowMessage follows a provider's word about a message. By MessageID it is
// found before the answer to the call that sent it was recorded, and then this is
// the record. A message that was too late closes its conversation's window. found
// is false when no message of the channel is meant.
func (s *Store) FollowMessage(ctx context.Context, v Verdict) (found bool, err error) {
	told := s.reading(ctx).Select("id", "conversation_id", "provider_message_id", "created_at").
		Where("channel_id = ? AND direction = ?", v.ChannelID, inbox.DirectionOut)
	if v.Part > 0 {
		told = told.Where("id = ?", v.MessageID)
	} else {
		told = told.Where("provider_message_id = ? OR id = ? AND provider_message_id = id", v.ProviderMessageID, v.MessageID)
	}
	row, err := take[messageRow](told, "message")
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if v.Part > 0 {
		found, err = s.followPart(ctx, row.ID, v)
	} else {
		found, err = true, s.followWhole(ctx, row, v)
	}
	if err != nil || !found {
		return found, err
	}
	if v.Code == inbox.CodeTemplateRequired || v.Code == inbox.CodeWindowClosed {
		return true, s.CloseWindow(ctx, row.message(nil), v.At)
	}
	return true, nil
}

func (s *Store) followWhole(ctx context.Context, row messageRow, v Verdict) error {
	if row.ProviderMessageID != v.ProviderMessageID || v.State == "" {
		if err := s.MarkSent(ctx, row.ID, v.ProviderMessageID, v.At); err != nil || v.State == "" {
			return err
		}
	}
	_, err := s.setMessageState(ctx, row.ID, messageChange{state: v.State, code: v.Code, detail: v.Detail}, v.At)
	return err
}

// AdvanceThread follows a provider's watermark: what left in a thread up to a time
// was delivered or read. A thread without a conversation has nothing to follow.
func (s *Store) AdvanceThread(
	ctx context.Context, channelID, threadKey string, upTo time.Time, state inbox.MessageState, at time.Time,
) error {
	var ids []string
	err := s.reading(ctx).Model(&messageRow{}).
		Joins("JOIN conversations c ON c.id = messages.conversation_id").
		Where("c.channel_id = ? AND c.thread_key = ? AND direction = ? AND messages.created_at <= ?",
			channelID, threadKey, inbox.DirectionOut, stampOf(upTo)).
		Where("state IN ?", before(state)).
		Order("messages.id").Pluck("messages.id", &ids).Error
	if err != nil {
		return fmt.Errorf("list messages up to a watermark: %w", err)
	}
	for _, id := range ids {
		if err := s.SetMessageState(ctx, id, state, "", at); err != nil {
			return err
		}
	}
	return nil
}

// before lists the states of messages that the provider has and that a state may
// follow.
func before(state inbox.MessageState) []inbox.MessageState {
	if state == inbox.MessageRead {
		return []inbox.MessageState{inbox.MessageSent, inbox.MessageDelivered}
	}
	return []inbox.MessageState{inbox.MessageSent}
}

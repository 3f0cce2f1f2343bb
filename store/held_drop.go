package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// heldIn lists the messages of a conversation that are held back, oldest first.
func (t *tx) heldIn(conversationID string) ([]messageRow, error) {
	var rows []messageRow
	err := t.Where("conversation_id = ? AND sealed_until IS NOT NULL", conversationID).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load messages that are held back: %w", err)
	}
	return rows, nil
}

// giveUpAt is when the first of a conversation's messages is given up.
func (t *tx) giveUpAt(conversationID string) (time.Time, error) {
	var rows []messageRow
	err := t.Select("sealed_until").Where("conversation_id = ? AND sealed_until IS NOT NULL", conversationID).
		Order("sealed_until").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	return rows[0].SealedUntil.Time, nil
}

// GiveUpHeld deletes a conversation's messages that were held back until a time or
// longer, and returns when the next one is due, zero for none (M8).
func (s *Store) GiveUpHeld(ctx context.Context, conversationID string, at time.Time) (next time.Time, err error) {
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(conversationID)
		if err != nil {
			return err
		}
		var due []string
		err = t.Model(&messageRow{}).Where("conversation_id = ? AND sealed_until <= ?", c.ID, stampOf(at)).
			Order("id").Pluck("id", &due).Error
		if err != nil {
			return fmt.Errorf("load messages that are held back: %w", err)
		}
		if len(due) > 0 {
			if err := t.giveUp(&c, due, at); err != nil {
				return err
			}
		}
		next, err = t.giveUpAt(c.ID)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("give up messages without consent: %w", err)
	}
	return next, nil
}

// giveUp deletes the copies of messages that are held back; that they came stays.
func (t *tx) giveUp(c *conversationRow, messageIDs []string, at time.Time) error {
	err := t.Model(&messageRow{}).Where("id IN ?", messageIDs).Updates(map[string]any{
		"sealed": nil, "sealed_until": nil, "payload": "", "state": inbox.MessageDropped,
	}).Error
	if err != nil {
		return fmt.Errorf("give up messages: %w", err)
	}
	t.event(c, inbox.EventConsentMissed, automation, consentData{Episode: c.Episode, MessageIDs: messageIDs}, at)
	return nil
}

// HeldTooLong lists conversations with messages that are due to be given up.
func (s *Store) HeldTooLong(ctx context.Context, at time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.reading(ctx).Model(&messageRow{}).Distinct().Where("sealed_until <= ?", stampOf(at)).
		Order("conversation_id").Limit(limit).Pluck("conversation_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list messages without consent: %w", err)
	}
	return ids, nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// FollowCall says what a call's conversation has to follow; it is
// routing.FollowCall.
type FollowCall func(call inbox.Call, assigneeID, ownerID string) inbox.CallNews

// TakeCall returns what a conversation has to follow of its call, and confirms
// that its workflow knows.
func (s *Store) TakeCall(ctx context.Context, ref inbox.EpisodeRef, callID string, follow FollowCall) (inbox.CallNews, error) {
	var news inbox.CallNews
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(ref.ConversationID)
		if err != nil {
			return err
		}
		call, err := take[callRow](t.Where("id = ? AND conversation_id = ?", callID, c.ID), "call")
		if err != nil {
			return err
		}
		var owners []string
		if err := t.Model(&contactRow{}).Where("id = ? AND owner_id <> ''", c.ContactID).Pluck("owner_id", &owners).Error; err != nil {
			return fmt.Errorf("load the contact's owner: %w", err)
		}
		news = follow(call.call(), c.AssigneeID, append(owners, "")[0])
		return t.Model(&call).Update("news_at", nil).Error
	})
	if err != nil {
		return inbox.CallNews{}, fmt.Errorf("take call: %w", err)
	}
	return news, nil
}

// CallNews is a call whose conversation's workflow has to be told.
type CallNews struct {
	CallID string
	Ref    inbox.EpisodeRef
}

// CallNewsDue lists calls with news since before a time, oldest first.
func (s *Store) CallNewsDue(ctx context.Context, before time.Time, limit int) ([]CallNews, error) {
	var rows []struct {
		ID, ConversationID string
		Episode            int
	}
	err := s.reading(ctx).Raw(`SELECT k.id, k.conversation_id, c.episode FROM calls k JOIN conversations c ON c.id = k.conversation_id
		WHERE k.news_at < ? ORDER BY k.news_at, k.id LIMIT ?`, stampOf(before), limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list calls with news: %w", err)
	}
	news := make([]CallNews, len(rows))
	for i, row := range rows {
		news[i] = CallNews{row.ID, inbox.EpisodeRef{ConversationID: row.ConversationID, Episode: row.Episode}}
	}
	return news, nil
}

// SilentCalls lists the provider's ids of calls of which nothing was heard for
// long: waiting callers since one time, others since another. Their end was not
// told.
func (s *Store) SilentCalls(ctx context.Context, waiting, others time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.reading(ctx).Model(&callRow{}).
		Where("ended_at IS NULL AND (state = ? AND seen_at < ? OR seen_at < ?)", inbox.CallRouting, stampOf(waiting), stampOf(others)).
		Order("seen_at, id").Limit(limit).Pluck("provider_call_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list silent calls: %w", err)
	}
	return ids, nil
}

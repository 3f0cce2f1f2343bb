package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// What a conversation's workflow has in hand, in the words of the indexes' conditions.
const (
	answersUnderWay = "direction = 'out' AND state IN ('pending', 'sending') AND dispatched_at IS NOT NULL"
	noticesUnderWay = "state IN ('pending', 'sending') AND kind <> 'transcript'"
)

// Overdue lists the conversations with answers or notices that should have been tried
// before a time and were not, the one that waits longest first: their workflows may
// have been lost. A transcript has a workflow of its own.
func (s *Store) Overdue(ctx context.Context, before time.Time, limit int) ([]inbox.EpisodeRef, error) {
	var rows []conversationRow
	err := s.reading(ctx).Raw(`SELECT c.id, c.episode FROM (
			SELECT conversation_id, next_try_at FROM messages WHERE `+answersUnderWay+` AND next_try_at < ? AND dispatched_at < ?
			UNION ALL
			SELECT conversation_id, next_try_at FROM notices WHERE `+noticesUnderWay+` AND next_try_at < ?
		) w JOIN conversations c ON c.id = w.conversation_id
		GROUP BY c.id, c.episode ORDER BY min(w.next_try_at), c.id LIMIT ?`,
		stampOf(before), stampOf(before), stampOf(before), limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list overdue conversations: %w", err)
	}
	return convert(rows, conversationRow.ref), nil
}

// PutOffAnswers notes when a conversation's answers are tried next: one after the
// other, so all of them wait for the first.
func (s *Store) PutOffAnswers(ctx context.Context, conversationID string, until time.Time) error {
	return s.putOff(ctx, &messageRow{}, answersUnderWay, conversationID, until)
}

// PutOffOverdue notes that a conversation's workflow was told at a time of its answers
// and notices: it tries them from then on.
func (s *Store) PutOffOverdue(ctx context.Context, conversationID string, at time.Time) error {
	if err := s.PutOffAnswers(ctx, conversationID, at); err != nil {
		return err
	}
	return s.putOff(ctx, &noticeRow{}, noticesUnderWay, conversationID, at)
}

func (s *Store) putOff(ctx context.Context, row any, which, conversationID string, until time.Time) error {
	err := s.write.WithContext(ctx).Model(row).
		Where("conversation_id = ?", conversationID).Where(which).Update("next_try_at", stampOf(until)).Error
	if err != nil {
		return fmt.Errorf("put off what is under way: %w", err)
	}
	return nil
}

// AnswersUnderWay lists the ids of the answers that a conversation's workflow should
// have in hand, in the order of the thread.
func (s *Store) AnswersUnderWay(ctx context.Context, conversationID string) ([]string, error) {
	return s.underWay(ctx, &messageRow{}, answersUnderWay, conversationID)
}

// NoticesUnderWay lists the ids of the notices that a conversation's workflow should
// have in hand.
func (s *Store) NoticesUnderWay(ctx context.Context, conversationID string) ([]string, error) {
	return s.underWay(ctx, &noticeRow{}, noticesUnderWay, conversationID)
}

func (s *Store) underWay(ctx context.Context, row any, which, conversationID string) (ids []string, err error) {
	err = s.reading(ctx).Model(row).Where("conversation_id = ?", conversationID).Where(which).Order("id").Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list what is under way: %w", err)
	}
	return ids, nil
}

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

// overdue is when something should have happened, of each conversation where it did not:
// a try of an answer or a notice, or what follows when a deadline has passed.
const overdue = `
	SELECT conversation_id, next_try_at AS at FROM messages WHERE ` + answersUnderWay + ` AND next_try_at < @before AND dispatched_at < @before
	UNION ALL
	SELECT conversation_id, next_try_at FROM notices WHERE ` + noticesUnderWay + ` AND next_try_at < @before
	UNION ALL
	SELECT id, snoozed_until FROM conversations WHERE status = 'snoozed' AND snoozed_until < @before
	UNION ALL
	SELECT id, answer_by FROM conversations WHERE answer_by < @before
	UNION ALL
	SELECT r.conversation_id, r.hand_over_at FROM chatflow_runs r JOIN conversations c ON c.id = r.conversation_id
		WHERE r.outcome = 'waits' AND r.hand_over_at < @before AND c.episode = r.episode AND c.status <> 'closed'`

// Overdue lists the conversations in which something should have happened before a time
// and did not, the one that waits longest first: their workflows may have been lost. Of
// those that were told it lists none that was told since. A transcript has a workflow of
// its own, and what waits for an agent is in the queue.
func (s *Store) Overdue(ctx context.Context, before time.Time, limit int) ([]inbox.EpisodeRef, error) {
	var rows []conversationRow
	err := s.reading(ctx).Raw(`SELECT c.id, c.episode FROM (`+overdue+`) o JOIN conversations c ON c.id = o.conversation_id
		WHERE c.overdue_told_at IS NULL OR c.overdue_told_at < @before
		GROUP BY c.id, c.episode ORDER BY min(o.at), c.id LIMIT @limit`,
		map[string]any{"before": stampOf(before), "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list overdue conversations: %w", err)
	}
	return convert(rows, conversationRow.ref), nil
}

// OverdueTold notes that a conversation's workflow was told at a time that something is
// overdue.
func (s *Store) OverdueTold(ctx context.Context, conversationID string, at time.Time) error {
	err := s.write.WithContext(ctx).Model(&conversationRow{}).
		Where("id = ?", conversationID).Update("overdue_told_at", stampOf(at)).Error
	if err != nil {
		return fmt.Errorf("note that the workflow was told: %w", err)
	}
	return nil
}

// PutOffAnswers notes when a conversation's answers are tried next: one after the
// other, so all of them wait for the first.
func (s *Store) PutOffAnswers(ctx context.Context, conversationID string, until time.Time) error {
	err := s.write.WithContext(ctx).Model(&messageRow{}).
		Where("conversation_id = ?", conversationID).Where(answersUnderWay).Update("next_try_at", stampOf(until)).Error
	if err != nil {
		return fmt.Errorf("put answers off: %w", err)
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

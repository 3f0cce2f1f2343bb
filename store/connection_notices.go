package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// ClaimConnectionNotice takes it on to tell the admins that a channel's mailbox or
// page was rejected, or that Facebook does not deliver a page's events, once until
// that is over; ok is false when somebody else has, or when there is nothing to tell.
func (s *Store) ClaimConnectionNotice(ctx context.Context, channelID string, at time.Time) (ok bool, err error) {
	return s.updateConnection(ctx, map[string]any{"told_at": stampOf(at)},
		"channel_id = ? AND problem IN ? AND told_at IS NULL",
		channelID, []inbox.ConnectionProblem{inbox.ConnectionRejected, inbox.PageUnsubscribed})
}

// ReleaseConnectionNotice gives the claim back: certainly nobody was told.
func (s *Store) ReleaseConnectionNotice(ctx context.Context, channelID string) error {
	_, err := s.updateConnection(ctx, map[string]any{"told_at": nil}, "channel_id = ?", channelID)
	return err
}

// updateConnection updates what a channel is connected to: a mailbox or a page.
func (s *Store) updateConnection(ctx context.Context, values map[string]any, condition string, args ...any) (found bool, err error) {
	for _, row := range []any{&mailboxRow{}, &pageRow{}} {
		update := s.write.WithContext(ctx).Model(row).Where(condition, args...).Updates(values)
		if update.Error != nil {
			return false, fmt.Errorf("note who was told of a rejection: %w", update.Error)
		}
		found = found || update.RowsAffected > 0
	}
	return found, nil
}

// UntoldPages lists channels without the admins having been told that their pages
// were rejected, or that their events have not been delivered since a time.
func (s *Store) UntoldPages(ctx context.Context, since time.Time, limit int) ([]string, error) {
	var channelIDs []string
	err := s.reading(ctx).Model(&pageRow{}).
		Where("told_at IS NULL AND (problem = ? OR problem = ? AND failing_since <= ?)",
			inbox.ConnectionRejected, inbox.PageUnsubscribed, stampOf(since)).
		Where("channel_id IN (SELECT id FROM channels WHERE deleted_at IS NULL)").
		Order("failing_since, channel_id").Limit(limit).Pluck("channel_id", &channelIDs).Error
	if err != nil {
		return nil, fmt.Errorf("list pages to tell of: %w", err)
	}
	return channelIDs, nil
}

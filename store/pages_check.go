package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// PagesDue lists channels whose pages were not checked since a time, and gives them
// their turn now: of those that are due again and again, the one whose turn was longest
// ago comes first, however many there are. What fails already comes last, and what was
// never checked, or may have another profile since, first. A page that was rejected is
// not due: nobody can look.
func (s *Store) PagesDue(ctx context.Context, since, now time.Time, limit int) ([]string, error) {
	var channelIDs []string
	err := s.reading(ctx).Model(&pageRow{}).
		Where("(checked_at IS NULL OR checked_at < ?) AND problem <> ?", stampOf(since), inbox.ConnectionRejected).
		Where("channel_id IN (SELECT id FROM channels WHERE deleted_at IS NULL)").
		Order("failing_since IS NOT NULL, failing_since IS NULL AND checked_at IS NOT NULL, turn_at IS NOT NULL, turn_at, channel_id").
		Limit(limit).Pluck("channel_id", &channelIDs).Error
	if err == nil {
		err = s.giveTurn(ctx, &pageRow{}, channelIDs, now)
	}
	if err != nil {
		return nil, fmt.Errorf("list pages to check: %w", err)
	}
	return channelIDs, nil
}

// PageChecked records that a page's events are delivered and that it shows the
// profile with a digest, which is a chatflow's: the channel's active one as it was
// read, or the zero one. When the page or the chatflow has changed since, it is
// ErrPageChanged.
func (s *Store) PageChecked(ctx context.Context, loaded FacebookPage, shown inbox.Chatflow, profile string, at time.Time) error {
	return s.tx(ctx, func(t *tx) error {
		if _, err := take[pageRow](t.Clauses(forUpdate).Where("channel_id = ?", loaded.ChannelID), "connected page"); err != nil {
			return err
		}
		active, err := take[chatflowRow](t.Where("channel_id = ? AND active", loaded.ChannelID), "chatflow")
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return err
		}
		if active.ID != shown.ID || active.Revision != shown.Revision {
			return ErrPageChanged
		}
		return t.updatePage(loaded, map[string]any{
			"checked_at": stampOf(at), "profile": profile, "problem": "", "failing_since": nil, "told_at": nil,
		})
	})
}

// PageFailing records what a page lacks for now, and since when it lacks just that.
// When it has changed since it was loaded, it is ErrPageChanged.
func (s *Store) PageFailing(ctx context.Context, loaded FacebookPage, problem inbox.ConnectionProblem, at time.Time) error {
	return s.tx(ctx, func(t *tx) error {
		return t.updatePage(loaded, map[string]any{
			"problem":       problem,
			"failing_since": failingSince(problem, at),
			// What somebody was told of is over when it is something else.
			"told_at": gorm.Expr("CASE WHEN problem = ? THEN told_at END", problem),
		})
	})
}

// failingSince is since when a mailbox or a page has just this problem.
func failingSince(problem inbox.ConnectionProblem, at time.Time) clause.Expr {
	return gorm.Expr("CASE WHEN problem = ? THEN COALESCE(failing_since, ?) ELSE ? END", problem, stampOf(at), stampOf(at))
}

func (t *tx) updatePage(loaded FacebookPage, values map[string]any) error {
	update := t.Model(&pageRow{}).Where("channel_id = ? AND version = ? AND problem <> ?",
		loaded.ChannelID, loaded.Version, inbox.ConnectionRejected).Updates(values)
	if update.Error != nil {
		return fmt.Errorf("update page: %w", update.Error)
	}
	if update.RowsAffected == 0 {
		return ErrPageChanged
	}
	return nil
}

// outdatePage has a channel's page checked: its profile may have changed.
func (t *tx) outdatePage(channelID string) error {
	if err := t.Model(&pageRow{}).Where("channel_id = ?", channelID).Update("checked_at", nil).Error; err != nil {
		return fmt.Errorf("have the page checked: %w", err)
	}
	return nil
}

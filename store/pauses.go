package store

import (
	"context"
	"fmt"
	"time"
)

// PauseChannel has nothing leave by a channel until a time. A pause never gets
// shorter.
func (s *Store) PauseChannel(ctx context.Context, channelID string, until time.Time) error {
	err := s.write.WithContext(ctx).Model(&channelRow{}).
		Where("id = ? AND (paused_until IS NULL OR paused_until < ?)", channelID, stampOf(until)).
		Update("paused_until", stampOf(until)).Error
	if err != nil {
		return fmt.Errorf("pause channel: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"
)

// PageOffer are the pages that a person let us into, one of which is still to be
// chosen for a channel (M1).
type PageOffer struct {
	ChannelID string
	// AgentID is who let us in.
	AgentID string
	// Pages are sealed.
	Pages     []byte
	ExpiresAt time.Time
}

// SavePageOffer keeps an offer in place of the channel's last one, and forgets
// those that have expired.
func (s *Store) SavePageOffer(ctx context.Context, offer PageOffer) error {
	err := s.tx(ctx, func(t *tx) error {
		if err := t.Delete(&pageOfferRow{}, "expires_at < ?", stampOf(time.Now())).Error; err != nil {
			return err
		}
		return t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&pageOfferRow{
			ChannelID: offer.ChannelID, AgentID: offer.AgentID, Pages: offer.Pages, ExpiresAt: stampOf(offer.ExpiresAt),
		}).Error
	})
	if err != nil {
		return fmt.Errorf("keep offered pages: %w", err)
	}
	return nil
}

// PageOffer returns a channel's offer that has not expired, or CodeNotFound.
func (s *Store) PageOffer(ctx context.Context, channelID string, at time.Time) (PageOffer, error) {
	row, err := take[pageOfferRow](s.reading(ctx).Where("channel_id = ? AND expires_at > ?", channelID, stampOf(at)), "offer of pages")
	return PageOffer{ChannelID: row.ChannelID, AgentID: row.AgentID, Pages: row.Pages, ExpiresAt: row.ExpiresAt.Time}, err
}

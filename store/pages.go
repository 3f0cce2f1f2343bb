package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// FacebookPage is a Facebook page that a Messenger channel is connected to (M1).
type FacebookPage struct {
	ChannelID string
	// PageID is Facebook's.
	PageID string
	Name   string
	// Credentials are sealed; Version grows whenever they change.
	Credentials []byte
	Version     int
	// ConnectedBy is the agent who connected it last.
	ConnectedBy string
	ConnectedAt time.Time
	// CheckedAt is when its subscription was there and its profile was set; zero is
	// not since either changed. Profile is the digest of the profile that was set last.
	CheckedAt time.Time
	Profile   string
	// FailingSince and Problem say that it is not as it should be, and why.
	FailingSince time.Time
	Problem      inbox.ConnectionProblem
}

// ConnectPage connects a Messenger channel to a page, or connects it again. The
// channel's account, provider and state follow. A page of another channel is
// CodeAlreadyConnected (G15, M1).
func (s *Store) ConnectPage(ctx context.Context, page FacebookPage) (inbox.Channel, error) {
	var channel channelRow
	err := s.tx(ctx, func(t *tx) error {
		var err error
		channel, err = take[channelRow](t.Clauses(forUpdate).
			Where("id = ? AND kind = ? AND deleted_at IS NULL", page.ChannelID, inbox.KindMessenger), "channel")
		if err != nil {
			return err
		}
		before, err := take[pageRow](t.Where("channel_id = ?", page.ChannelID), "connected page")
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return err
		}
		row := pageRow{
			ChannelID: page.ChannelID, PageID: page.PageID, Name: page.Name, Credentials: page.Credentials,
			// It grows over pages, too: who still uses the last one is outdated.
			Version: before.Version + 1, ConnectedBy: page.ConnectedBy, ConnectedAt: stampOf(page.ConnectedAt),
		}
		if err := t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := t.Delete(&pageOfferRow{}, "channel_id = ?", page.ChannelID).Error; err != nil {
			return err
		}
		channel.Account, channel.Provider, channel.State = page.PageID, inbox.ProviderFacebook, inbox.ChannelConnected
		return t.Model(&channel).Select("account", "provider", "state").Updates(&channel).Error
	})
	return channel.channel(), channelError(err)
}

// DisconnectPage forgets the credentials and frees the page. A channel without one
// is CodeNotFound.
func (s *Store) DisconnectPage(ctx context.Context, channelID string) error {
	return s.disconnect(ctx, channelID, &pageRow{}, "connected page")
}

// FacebookPage returns the page a channel is connected to, or CodeNotFound.
func (s *Store) FacebookPage(ctx context.Context, channelID string) (FacebookPage, error) {
	row, err := take[pageRow](s.reading(ctx).Where("channel_id = ?", channelID), "connected page")
	return row.page(), err
}

// FacebookPages returns the pages of those channels that are connected to one, by channel.
func (s *Store) FacebookPages(ctx context.Context, channelIDs ...string) (map[string]FacebookPage, error) {
	var rows []pageRow
	if err := s.reading(ctx).Where("channel_id IN ?", channelIDs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load pages: %w", err)
	}
	found := make(map[string]FacebookPage, len(rows))
	for _, row := range rows {
		found[row.ChannelID] = row.page()
	}
	return found, nil
}

// ErrPageChanged says that somebody connected or disconnected the page since it
// was loaded.
var ErrPageChanged = errors.New("the page has changed meanwhile")

// RejectPage records that Facebook no longer accepts the credentials of a version:
// the channel needs to be connected again. With others meanwhile it is
// ErrPageChanged.
func (s *Store) RejectPage(ctx context.Context, channelID string, version int, at time.Time) error {
	return s.tx(ctx, func(t *tx) error {
		// In ConnectPage's order: the channel, then its page.
		_, err := take[channelRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", channelID), "channel")
		if err != nil {
			return err
		}
		rejected := t.Model(&pageRow{}).Where("channel_id = ? AND version = ?", channelID, version).Updates(map[string]any{
			"failing_since": failingSince(inbox.ConnectionRejected, at),
			// Whoever was told of something else does not know this.
			"told_at": gorm.Expr("CASE WHEN problem = ? THEN told_at END", inbox.ConnectionRejected), "problem": inbox.ConnectionRejected,
		})
		if rejected.Error != nil {
			return fmt.Errorf("reject page: %w", rejected.Error)
		}
		if rejected.RowsAffected == 0 {
			return ErrPageChanged
		}
		return t.Model(&channelRow{}).Where("id = ?", channelID).Update("state", inbox.ChannelNeedsReconnect).Error
	})
}

type pageRow struct {
	ChannelID    string `gorm:"primaryKey"`
	PageID       string
	Name         string
	Credentials  []byte
	Version      int
	ConnectedBy  string
	ConnectedAt  stamp
	CheckedAt    stamp
	TurnAt       stamp
	Profile      string
	Problem      inbox.ConnectionProblem
	FailingSince stamp
	ToldAt       stamp
}

func (pageRow) TableName() string { return "pages" }

func (r pageRow) page() FacebookPage {
	return FacebookPage{
		ChannelID: r.ChannelID, PageID: r.PageID, Name: r.Name, Credentials: r.Credentials, Version: r.Version,
		ConnectedBy: r.ConnectedBy, ConnectedAt: r.ConnectedAt.Time, CheckedAt: r.CheckedAt.Time, Profile: r.Profile,
		Problem: r.Problem, FailingSince: r.FailingSince.Time,
	}
}

type pageOfferRow struct {
	ChannelID string `gorm:"primaryKey"`
	AgentID   string
	Pages     []byte
	ExpiresAt stamp
}

func (pageOfferRow) TableName() string { return "page_offers" }

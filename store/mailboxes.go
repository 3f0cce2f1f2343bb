package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Mailbox is a mailbox that an e-mail channel is connected to (E1, E2, E11).
type Mailbox struct {
	ChannelID string
	// ConnectionID is another one when another account is connected: what was read
	// of the one says nothing about the other.
	ConnectionID string
	Provider     inbox.Provider
	// Address is in lower case.
	Address string
	// Credentials are sealed; Version grows whenever they change.
	Credentials []byte
	Version     int
	// Cursor is up to where it was read, in the provider's words; "" is not yet.
	Cursor string
	// ConnectedBy is the agent who connected it last, ConnectedAt when this account
	// was connected first.
	ConnectedBy string
	ConnectedAt time.Time
	// CheckedAt is when everything new had been read; zero is never.
	CheckedAt time.Time
	// FailingSince and Problem say that it cannot be read, and why.
	FailingSince time.Time
	Problem      inbox.ConnectionProblem
	// Subscription is the provider's promise to tell us of new mail.
	Subscription Subscription
}

// ConnectMailbox connects an e-mail channel to a mailbox, or connects it again:
// the same account goes on where it was read. The channel's account, provider
// and state follow, and the team's own address goes from its settings: from now
// on it is another channel's to take. Another channel's account is CodeAlreadyConnected, an agent's
// own address CodePersonalMailbox (G15).
func (s *Store) ConnectMailbox(ctx context.Context, mailbox Mailbox) (inbox.Channel, error) {
	var channel channelRow
	err := s.tx(ctx, func(t *tx) error {
		if err := s.lockAddresses(t); err != nil {
			return err
		}
		var err error
		channel, err = take[channelRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", mailbox.ChannelID), "channel")
		if err != nil {
			return err
		}
		if err := t.checkTeamAddress(mailbox.Address); err != nil {
			return err
		}
		if err := t.putMailbox(mailbox); err != nil {
			return err
		}
		if channel.Settings.V, err = withoutAddress(channel.Settings.V); err != nil {
			return err
		}
		channel.Account, channel.Provider, channel.State = mailbox.Address, mailbox.Provider, inbox.ChannelConnected
		return t.Model(&channel).Select("account", "provider", "state", "settings").Updates(&channel).Error
	})
	return channel.channel(), channelError(err)
}

func withoutAddress(settings json.RawMessage) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(settings, &fields); err != nil {
		return nil, fmt.Errorf("read the channel's settings: %w", err)
	}
	if _, has := fields["address"]; !has {
		return settings, nil
	}
	fields["address"] = json.RawMessage(`""`)
	return json.Marshal(fields)
}

func (t *tx) putMailbox(mailbox Mailbox) error {
	row := mailboxRow{
		ChannelID: mailbox.ChannelID, ConnectionID: NewID(), Provider: mailbox.Provider, Address: mailbox.Address,
		Credentials: mailbox.Credentials, Version: 1, ConnectedBy: mailbox.ConnectedBy, ConnectedAt: stampOf(mailbox.ConnectedAt),
	}
	before, err := take[mailboxRow](t.Where("channel_id = ?", mailbox.ChannelID), "mailbox")
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return err
	}
	// It grows over accounts too: who still uses the last one is outdated.
	row.Version = before.Version + 1
	if before.Provider == mailbox.Provider && before.Address == mailbox.Address {
		row.ConnectionID, row.Cursor, row.ConnectedAt = before.ConnectionID, before.Cursor, before.ConnectedAt
		row.CheckedAt = before.CheckedAt
		// It may have ended with the credentials, so it is asked for anew.
		row.SubscriptionID, row.SubscriptionKey = before.SubscriptionID, before.SubscriptionKey
	}
	return t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
}

// DisconnectMailbox forgets the credentials and frees the account; the hosted
// address still takes mail in. A channel without a mailbox is CodeNotFound.
func (s *Store) DisconnectMailbox(ctx context.Context, channelID string) error {
	return s.disconnect(ctx, channelID, &mailboxRow{}, "connected mailbox")
}

// disconnect deletes what a channel is connected to, a row of its own that the noun
// names, and frees the account.
func (s *Store) disconnect(ctx context.Context, channelID string, row any, noun string) error {
	return s.tx(ctx, func(t *tx) error {
		_, err := take[channelRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", channelID), "channel")
		if err != nil {
			return err
		}
		if err := changed(t.Delete(row, "channel_id = ?", channelID), noun); err != nil {
			return err
		}
		return t.Model(&channelRow{}).Where("id = ?", channelID).
			Updates(map[string]any{"account": "", "provider": inbox.ProviderNone, "state": inbox.ChannelConnected}).Error
	})
}

// Mailbox returns the mailbox a channel is connected to, or CodeNotFound.
func (s *Store) Mailbox(ctx context.Context, channelID string) (Mailbox, error) {
	row, err := take[mailboxRow](s.reading(ctx).Where("channel_id = ?", channelID), "connected mailbox")
	return row.mailbox(), err
}

// Mailboxes returns the mailboxes of those channels that are connected to one, by
// channel.
func (s *Store) Mailboxes(ctx context.Context, channelIDs ...string) (map[string]Mailbox, error) {
	var rows []mailboxRow
	if err := s.reading(ctx).Where("channel_id IN ?", channelIDs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load mailboxes: %w", err)
	}
	found := make(map[string]Mailbox, len(rows))
	for _, row := range rows {
		found[row.ChannelID] = row.mailbox()
	}
	return found, nil
}

// UnreadMailboxes lists the channels whose mailbox nothing has read since a time, and
// gives them their turn now: the one whose turn was longest ago comes first, however
// many cannot be read. Those that were rejected wait for a person.
func (s *Store) UnreadMailboxes(ctx context.Context, since, now time.Time, limit int) ([]Mailbox, error) {
	var rows []mailboxRow
	err := s.reading(ctx).Where("(checked_at IS NULL OR checked_at < ?) AND problem <> ?", stampOf(since), inbox.ConnectionRejected).
		Order("turn_at IS NOT NULL, turn_at, channel_id").Limit(limit).Find(&rows).Error
	if err == nil {
		err = s.giveTurn(ctx, &mailboxRow{}, convert(rows, func(r mailboxRow) string { return r.ChannelID }), now)
	}
	if err != nil {
		return nil, fmt.Errorf("list unread mailboxes: %w", err)
	}
	return convert(rows, mailboxRow.mailbox), nil
}

// giveTurn notes that what channels are connected to has its turn: mailboxes or pages.
func (s *Store) giveTurn(ctx context.Context, row any, channelIDs []string, now time.Time) error {
	if len(channelIDs) == 0 {
		return nil
	}
	return s.write.WithContext(ctx).Model(row).Where("channel_id IN ?", channelIDs).Update("turn_at", stampOf(now)).Error
}

// ErrMailboxChanged says that the mailbox is not any more as it was loaded:
// another process changed it, or a person connected or disconnected it.
var ErrMailboxChanged = errors.New("the mailbox has changed meanwhile")

// SaveCursor moves the cursor of a loaded mailbox on. When somebody else has moved
// it, or the account is another one, it is ErrMailboxChanged.
func (s *Store) SaveCursor(ctx context.Context, loaded Mailbox, cursor string) error {
	return s.updateMailbox(ctx, "save cursor", map[string]any{"cursor": cursor},
		"channel_id = ? AND connection_id = ? AND cursor = ?", loaded.ChannelID, loaded.ConnectionID, loaded.Cursor)
}

// SaveCredentials replaces the credentials of a loaded mailbox unless they have
// changed since: then it is ErrMailboxChanged.
func (s *Store) SaveCredentials(ctx context.Context, loaded Mailbox, sealed []byte) error {
	return s.updateMailbox(ctx, "save credentials", map[string]any{"credentials": sealed, "version": loaded.Version + 1},
		"channel_id = ? AND version = ?", loaded.ChannelID, loaded.Version)
}

// MailboxChecked records that everything new was read.
func (s *Store) MailboxChecked(ctx context.Context, loaded Mailbox, at time.Time) error {
	return s.updateMailbox(ctx, "record check",
		map[string]any{"checked_at": stampOf(at), "failing_since": nil, "problem": "", "told_at": nil},
		"channel_id = ? AND connection_id = ?", loaded.ChannelID, loaded.ConnectionID)
}

// MailboxFailing records why the mailbox cannot be read for now, and since when that is
// why.
func (s *Store) MailboxFailing(ctx context.Context, loaded Mailbox, problem inbox.ConnectionProblem, at time.Time) error {
	return s.updateMailbox(ctx, "record failure",
		map[string]any{"problem": problem, "failing_since": failingSince(problem, at)},
		"channel_id = ? AND version = ? AND connection_id = ?", loaded.ChannelID, loaded.Version, loaded.ConnectionID)
}

func (s *Store) updateMailbox(ctx context.Context, what string, values map[string]any, condition string, args ...any) error {
	update := s.write.WithContext(ctx).Model(&mailboxRow{}).Where(condition, args...).Updates(values)
	if update.Error != nil {
		return fmt.Errorf("%s: %w", what, update.Error)
	}
	if update.RowsAffected == 0 {
		return ErrMailboxChanged
	}
	return nil
}

// RejectMailbox records that the provider no longer accepts the credentials that
// were loaded: the channel needs to be connected again. With others meanwhile it is
// ErrMailboxChanged.
func (s *Store) RejectMailbox(ctx context.Context, loaded Mailbox, at time.Time) error {
	return s.tx(ctx, func(t *tx) error {
		// In ConnectMailbox's order: the channel, then its mailbox.
		update := t.Model(&channelRow{}).
			Where("id = ? AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM mailboxes m WHERE m.channel_id = channels.id AND m.version = ?)",
				loaded.ChannelID, loaded.Version).
			Update("state", inbox.ChannelNeedsReconnect)
		if update.Error != nil {
			return fmt.Errorf("reject mailbox: %w", update.Error)
		}
		rejected := t.Model(&mailboxRow{}).Where("channel_id = ? AND version = ?", loaded.ChannelID, loaded.Version).
			Updates(map[string]any{
				"problem": inbox.ConnectionRejected, "failing_since": failingSince(inbox.ConnectionRejected, at),
			})
		if rejected.Error != nil {
			return fmt.Errorf("reject mailbox: %w", rejected.Error)
		}
		if update.RowsAffected == 0 || rejected.RowsAffected == 0 {
			return ErrMailboxChanged
		}
		return nil
	})
}

type mailboxRow struct {
	ChannelID    string `gorm:"primaryKey"`
	ConnectionID string
	Provider     inbox.Provider
	Address      string
	Credentials  []byte
	Version      int
	Cursor       string
	ConnectedBy  string
	ConnectedAt  stamp
	CheckedAt    stamp
	TurnAt       stamp
	FailingSince stamp
	Problem      inbox.ConnectionProblem
	ToldAt       stamp

	SubscriptionID  string
	SubscriptionKey string
	SubscribeAt     stamp
}

func (mailboxRow) TableName() string { return "mailboxes" }

func (r mailboxRow) mailbox() Mailbox {
	return Mailbox{
		ChannelID: r.ChannelID, ConnectionID: r.ConnectionID, Provider: r.Provider, Address: r.Address,
		Credentials: r.Credentials, Version: r.Version, Cursor: r.Cursor, ConnectedBy: r.ConnectedBy,
		ConnectedAt: r.ConnectedAt.Time, CheckedAt: r.CheckedAt.Time, FailingSince: r.FailingSince.Time, Problem: r.Problem,
		Subscription: Subscription{ID: r.SubscriptionID, Key: r.SubscriptionKey, RenewAt: r.SubscribeAt.Time},
	}
}

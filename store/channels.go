package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"switchboard/inbox"
)

// CreateChannel stores a new channel under a new id at revision 1, an e-mail
// channel with a hosted token (E3), others with their kind's chatflow (M2). An unknown inbox, agent, team or pipeline is
// CodeInvalid, an agent without a seat CodeSeatRequired (G8), an account that is
// connected already CodeAlreadyConnected, an agent's own address
// CodePersonalMailbox (G15).
func (s *Store) CreateChannel(ctx context.Context, channel inbox.Channel) (inbox.Channel, error) {
	var created inbox.Channel
	err := s.tx(ctx, func(t *tx) error {
		if err := refer[inboxRow](t, "inbox", "inbox_id", channel.InboxID); err != nil {
			return err
		}
		var err error
		created, err = s.createChannel(t, channel)
		return err
	})
	return created, channelError(err)
}

func (s *Store) createChannel(t *tx, channel inbox.Channel) (inbox.Channel, error) {
	if err := s.checkAccount(t, channel); err != nil {
		return inbox.Channel{}, err
	}
	if err := t.checkChannel(channel, nil); err != nil {
		return inbox.Channel{}, err
	}
	row := channelRow{
		ID: NewID(), InboxID: channel.InboxID, Kind: channel.Kind, Name: channel.Name, Enabled: channel.Enabled,
		State: channel.State, Account: channel.Account, Provider: channel.Provider, Revision: 1,
		Assignment: jsonOf[inbox.Assignment]{channel.Assignment},
		Tickets:    jsonOf[inbox.TicketDefaults]{channel.Tickets},
		Settings:   settingsOf(channel), CreatedAt: stampOf(time.Now()),
	}
	if row.Kind == inbox.KindEmail {
		row.HostedToken = newHostedToken()
	}
	if err := t.Create(&row).Error; err != nil {
		return inbox.Channel{}, err
	}
	if err := t.createDefaultChatflow(row); err != nil {
		return inbox.Channel{}, err
	}
	return row.channel(), t.keepRevision(row)
}

// UpdateChannel replaces a channel's settings, all but its kind and inbox, as a
// new revision; running episodes keep theirs (G14). The channel is one that was
// loaded: when its Revision is no longer the newest, or its mailbox was connected
// or disconnected since, the answer is CodeConflict. The account of a connected
// channel and every channel's state stay. Agents who were in the rule before may
// have lost their seat since (G8).
func (s *Store) UpdateChannel(ctx context.Context, channel inbox.Channel) (inbox.Channel, error) {
	var row channelRow
	err := s.tx(ctx, func(t *tx) error {
		if channel.Provider == inbox.ProviderNone {
			if err := s.checkAccount(t, channel); err != nil {
				return err
			}
		}
		var err error
		row, err = take[channelRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", channel.ID), "channel")
		if err != nil {
			return err
		}
		if row.Revision != channel.Revision || row.Provider != channel.Provider {
			return inbox.Errorf(inbox.CodeConflict, "Somebody else has changed this channel in the meantime.")
		}
		if err := t.checkChannel(channel, row.Assignment.V.AgentIDs); err != nil {
			return err
		}
		row.Name, row.Enabled = channel.Name, channel.Enabled
		if row.Provider == inbox.ProviderNone {
			row.Account = channel.Account
		}
		row.Assignment.V, row.Tickets.V, row.Settings = channel.Assignment, channel.Tickets, settingsOf(channel)
		row.Revision++
		if err := t.Save(&row).Error; err != nil {
			return err
		}
		return t.keepRevision(row)
	})
	if err != nil {
		return inbox.Channel{}, channelError(err)
	}
	return row.channel(), nil
}

// SetChannelState says whether the provider still lets us in. It is no edit:
// the revision stays.
func (s *Store) SetChannelState(ctx context.Context, id string, state inbox.ChannelState) error {
	update := s.write.WithContext(ctx).Model(&channelRow{}).Where("id = ? AND deleted_at IS NULL", id).
		Update("state", state)
	return changed(update, "channel")
}

// DeleteChannel takes a channel out of use and frees its account; a connected
// mailbox's credentials and identity secrets are forgotten. Its conversations stay readable.
func (s *Store) DeleteChannel(ctx context.Context, id string) error {
	return s.tx(ctx, func(t *tx) error {
		update := t.Model(&channelRow{}).Where("id = ? AND deleted_at IS NULL", id).
			Update("deleted_at", stampOf(time.Now()))
		if err := changed(update, "channel"); err != nil {
			return err
		}
		for _, connected := range []any{&mailboxRow{}, &pageRow{}, &pageOfferRow{}, &identitySecretRow{}} {
			if err := t.Delete(connected, "channel_id = ?", id).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// Channel returns one channel that is not deleted.
func (s *Store) Channel(ctx context.Context, id string) (inbox.Channel, error) {
	row, err := take[channelRow](s.reading(ctx).Where("id = ? AND deleted_at IS NULL", id), "channel")
	return row.channel(), err
}

// ChannelByAccount returns the channel an external account is connected to.
func (s *Store) ChannelByAccount(ctx context.Context, kind inbox.ChannelKind, account string) (inbox.Channel, error) {
	row, err := take[channelRow](s.reading(ctx).
		Where("kind = ? AND account = ? AND account <> '' AND deleted_at IS NULL", kind, account), "channel")
	return row.channel(), err
}

// ChannelAt returns a channel, also a deleted one, with the assignment,
// tickets and settings of a revision (G14).
func (s *Store) ChannelAt(ctx context.Context, id string, revision int) (inbox.Channel, error) {
	row, err := take[channelRow](s.reading(ctx).Where("id = ?", id), "channel")
	if err != nil || row.Revision == revision {
		return row.channel(), err
	}
	kept, err := take[channelRevisionRow](s.reading(ctx).
		Where("channel_id = ? AND revision = ?", id, revision), "channel revision")
	row.Revision, row.Assignment, row.Tickets, row.Settings = kept.Revision, kept.Assignment, kept.Tickets, kept.Settings
	return row.channel(), err
}

// Channels lists an inbox's channels, oldest first; inboxID "" lists all.
func (s *Store) Channels(ctx context.Context, inboxID string, page Page) ([]inbox.Channel, string, error) {
	query := s.reading(ctx).Where("deleted_at IS NULL")
	if inboxID != "" {
		query = query.Where("inbox_id = ?", inboxID)
	}
	rows, cursor, err := pageByID(query, page, oldestFirst, func(r channelRow) string { return r.ID })
	return convert(rows, channelRow.channel), cursor, err
}

func (t *tx) keepRevision(row channelRow) error {
	kept := channelRevisionRow{
		ChannelID: row.ID, Revision: row.Revision, Assignment: row.Assignment, Tickets: row.Tickets,
		Settings: row.Settings, CreatedAt: stampOf(time.Now()),
	}
	if err := t.Create(&kept).Error; err != nil {
		return fmt.Errorf("keep channel revision: %w", err)
	}
	return nil
}

func settingsOf(channel inbox.Channel) jsonOf[json.RawMessage] {
	if len(channel.Settings) == 0 {
		return jsonOf[json.RawMessage]{json.RawMessage("{}")}
	}
	return jsonOf[json.RawMessage]{channel.Settings}
}

func channelError(err error) error {
	return unique(err, inbox.CodeAlreadyConnected, "This account is connected to another channel already.")
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// CreateInbox stores a new inbox under a new id.
func (s *Store) CreateInbox(ctx context.Context, in inbox.Inbox) (inbox.Inbox, error) {
	row := inboxRow{ID: NewID(), Name: in.Name, AgentCapacity: in.AgentCapacity, CreatedAt: stampOf(time.Now())}
	if err := s.write.WithContext(ctx).Create(&row).Error; err != nil {
		return inbox.Inbox{}, fmt.Errorf("create inbox: %w", err)
	}
	return row.inbox(), nil
}

// CreateInboxWithChannel stores a new inbox and its first channel, both or
// neither (G1). Errors are CreateChannel's.
func (s *Store) CreateInboxWithChannel(
	ctx context.Context, in inbox.Inbox, channel inbox.Channel,
) (inbox.Inbox, inbox.Channel, error) {
	row := inboxRow{ID: NewID(), Name: in.Name, AgentCapacity: in.AgentCapacity, CreatedAt: stampOf(time.Now())}
	channel.InboxID = row.ID
	err := s.tx(ctx, func(t *tx) error {
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		var err error
		channel, err = s.createChannel(t, channel)
		return err
	})
	return row.inbox(), channel, channelError(err)
}

// UpdateInbox replaces an inbox's settings.
func (s *Store) UpdateInbox(ctx context.Context, in inbox.Inbox) (inbox.Inbox, error) {
	update := s.write.WithContext(ctx).Model(&inboxRow{}).Where("id = ?", in.ID).
		Updates(map[string]any{"name": in.Name, "agent_capacity": in.AgentCapacity})
	if err := changed(update, "inbox"); err != nil {
		return inbox.Inbox{}, err
	}
	return in, nil
}

// Inbox returns one inbox.
func (s *Store) Inbox(ctx context.Context, id string) (inbox.Inbox, error) {
	row, err := take[inboxRow](s.reading(ctx).Where("id = ?", id), "inbox")
	return row.inbox(), err
}

// Inboxes lists the inboxes, oldest first.
func (s *Store) Inboxes(ctx context.Context, page Page) ([]inbox.Inbox, string, error) {
	rows, cursor, err := pageByID(s.reading(ctx), page, oldestFirst, func(r inboxRow) string { return r.ID })
	return convert(rows, inboxRow.inbox), cursor, err
}

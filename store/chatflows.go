package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// CreateChatflow stores a new chatflow of a channel at revision 1. It is not
// active.
func (s *Store) CreateChatflow(ctx context.Context, flow inbox.Chatflow) (inbox.Chatflow, error) {
	var row chatflowRow
	err := s.tx(ctx, func(t *tx) (err error) {
		if err := refer[channelRow](t, "channel", "channel_id", flow.ChannelID); err != nil {
			return err
		}
		flow.Active = false
		row, err = t.createChatflow(flow)
		return err
	})
	return row.chatflow(), err
}

func (t *tx) createChatflow(flow inbox.Chatflow) (chatflowRow, error) {
	row := chatflowRow{
		ID: NewID(), ChannelID: flow.ChannelID, Name: flow.Name, Active: flow.Active, Revision: 1,
		Content: contentOf(flow), CreatedAt: stampOf(time.Now()),
	}
	if err := t.Create(&row).Error; err != nil {
		return row, fmt.Errorf("create chatflow: %w", err)
	}
	return row, t.keepChatflow(row)
}

// createDefaultChatflow gives a new channel its primary chatflow (M2).
func (t *tx) createDefaultChatflow(channel channelRow) error {
	flow, ok := inbox.DefaultChatflow(channel.Kind)
	if !ok {
		return nil
	}
	flow.ChannelID = channel.ID
	_, err := t.createChatflow(flow)
	return err
}

// UpdateChatflow replaces a chatflow's name and what it says as a new revision;
// running episodes keep theirs (G14). The chatflow is one that was loaded: when
// its Revision is no longer the newest, the answer is CodeConflict.
func (s *Store) UpdateChatflow(ctx context.Context, flow inbox.Chatflow) (inbox.Chatflow, error) {
	var row chatflowRow
	err := s.tx(ctx, func(t *tx) (err error) {
		if row, err = t.lockChatflow(flow.ID); err != nil {
			return err
		}
		if row.Revision != flow.Revision {
			return inbox.Errorf(inbox.CodeConflict, "Somebody else has changed this chatflow in the meantime.")
		}
		row.Name, row.Content, row.Revision = flow.Name, contentOf(flow), row.Revision+1
		if err := t.Save(&row).Error; err != nil {
			return fmt.Errorf("save chatflow: %w", err)
		}
		if err := t.keepChatflow(row); err != nil {
			return err
		}
		return t.outdatePage(row.ChannelID)
	})
	return row.chatflow(), err
}

func (t *tx) keepChatflow(row chatflowRow) error {
	kept := chatflowRevisionRow{ChatflowID: row.ID, Revision: row.Revision, Content: row.Content, CreatedAt: stampOf(time.Now())}
	if err := t.Create(&kept).Error; err != nil {
		return fmt.Errorf("keep chatflow revision: %w", err)
	}
	return nil
}

// ActivateChatflow makes a chatflow its channel's primary one in place of the
// one before, or switches it off. Running episodes go on with theirs.
func (s *Store) ActivateChatflow(ctx context.Context, id string, active bool) (inbox.Chatflow, error) {
	var row chatflowRow
	err := s.tx(ctx, func(t *tx) error {
		flow, err := take[chatflowRow](t.Where("id = ? AND deleted_at IS NULL", id), "chatflow")
		if err != nil {
			return err
		}
		// Of two that are activated at once the later one stays.
		if _, err := take[channelRow](t.Clauses(forUpdate).Select("id").Where("id = ?", flow.ChannelID), "channel"); err != nil {
			return err
		}
		if row, err = t.lockChatflow(id); err != nil {
			return err
		}
		if active {
			err := t.Model(&chatflowRow{}).Where("channel_id = ? AND active AND id <> ?", row.ChannelID, id).Update("active", false).Error
			if err != nil {
				return fmt.Errorf("deactivate chatflow: %w", err)
			}
		}
		row.Active = active
		if err := t.Model(&row).Update("active", active).Error; err != nil {
			return err
		}
		return t.outdatePage(row.ChannelID)
	})
	if err != nil {
		return inbox.Chatflow{}, fmt.Errorf("activate chatflow: %w", err)
	}
	return row.chatflow(), nil
}

// DeleteChatflow takes a chatflow out of use. Running episodes go on with it.
func (s *Store) DeleteChatflow(ctx context.Context, id string) error {
	return s.tx(ctx, func(t *tx) error {
		row, err := t.lockChatflow(id)
		if err != nil {
			return err
		}
		err = t.Model(&row).Updates(map[string]any{"active": false, "deleted_at": stampOf(time.Now())}).Error
		if err != nil {
			return fmt.Errorf("delete chatflow: %w", err)
		}
		return t.outdatePage(row.ChannelID)
	})
}

func (t *tx) lockChatflow(id string) (chatflowRow, error) {
	return take[chatflowRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", id), "chatflow")
}

// Chatflow returns one chatflow that is not deleted.
func (s *Store) Chatflow(ctx context.Context, id string) (inbox.Chatflow, error) {
	row, err := take[chatflowRow](s.reading(ctx).Where("id = ? AND deleted_at IS NULL", id), "chatflow")
	return row.chatflow(), err
}

// ActiveChatflow returns a channel's primary chatflow; CodeNotFound is none.
func (s *Store) ActiveChatflow(ctx context.Context, channelID string) (inbox.Chatflow, error) {
	row, err := take[chatflowRow](s.reading(ctx).Where("channel_id = ? AND active", channelID), "chatflow")
	return row.chatflow(), err
}

// Chatflows lists a channel's chatflows, oldest first.
func (s *Store) Chatflows(ctx context.Context, channelID string, page Page) ([]inbox.Chatflow, string, error) {
	query := s.reading(ctx).Where("channel_id = ? AND deleted_at IS NULL", channelID)
	rows, cursor, err := pageByID(query, page, oldestFirst, func(r chatflowRow) string { return r.ID })
	return convert(rows, chatflowRow.chatflow), cursor, err
}

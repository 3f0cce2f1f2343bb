package store

import (
	"context"
	"fmt"
	"time"
)

// QuarantineItem is something that came in and could not be understood (B9).
type QuarantineItem struct {
	ID string
	// ChannelID is "" when not even the channel is known.
	ChannelID string
	// Source says where it came in and so who reads it again, such as
	// "twilio/messages".
	Source string
	Raw    []byte
	// Error says why it was not understood, without personal data.
	Error     string
	CreatedAt time.Time
	// ReprocessedAt is zero until it was understood after all.
	ReprocessedAt time.Time
}

// AddQuarantine keeps what could not be understood and returns it with its id.
func (s *Store) AddQuarantine(ctx context.Context, item QuarantineItem) (QuarantineItem, error) {
	row := quarantineRow{
		ID: NewID(), ChannelID: item.ChannelID, Source: item.Source, Raw: item.Raw, Error: item.Error,
		CreatedAt: stampOf(time.Now()),
	}
	if row.Raw == nil {
		row.Raw = []byte{}
	}
	if err := s.write.WithContext(ctx).Create(&row).Error; err != nil {
		return QuarantineItem{}, fmt.Errorf("add to quarantine: %w", err)
	}
	return row.item(), nil
}

// Quarantined lists what was not reprocessed yet, newest first and without
// Raw.
func (s *Store) Quarantined(ctx context.Context, page Page) ([]QuarantineItem, string, error) {
	query := s.reading(ctx).Omit("raw").Where("reprocessed_at IS NULL")
	rows, cursor, err := pageByID(query, page, newestFirst, func(r quarantineRow) string { return r.ID })
	return convert(rows, quarantineRow.item), cursor, err
}

// QuarantineItem returns one item with Raw.
func (s *Store) QuarantineItem(ctx context.Context, id string) (QuarantineItem, error) {
	row, err := take[quarantineRow](s.reading(ctx).Where("id = ?", id), "quarantined item")
	return row.item(), err
}

// MarkReprocessed records that an item was understood after all.
func (s *Store) MarkReprocessed(ctx context.Context, id string) error {
	update := s.write.WithContext(ctx).Model(&quarantineRow{}).Where("id = ?", id).
		Update("reprocessed_at", stampOf(time.Now()))
	return changed(update, "quarantined item")
}

type quarantineRow struct {
	ID            string `gorm:"primaryKey"`
	ChannelID     string
	Source        string
	Raw           []byte
	Error         string
	CreatedAt     stamp
	ReprocessedAt stamp
}

func (quarantineRow) TableName() string { return "quarantine" }

func (r quarantineRow) item() QuarantineItem {
	return QuarantineItem{
		ID: r.ID, ChannelID: r.ChannelID, Source: r.Source, Raw: r.Raw, Error: r.Error,
		CreatedAt: r.CreatedAt.Time, ReprocessedAt: r.ReprocessedAt.Time,
	}
}

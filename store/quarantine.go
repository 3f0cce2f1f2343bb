package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
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
	// ReprocessedAt is zero until it was understood after all, or erased with the
	// contact whom it names.
	ReprocessedAt time.Time
}

// AddQuarantine keeps what could not be understood and returns it with its id.
// The same from the same channel again is the same item (B8).
func (s *Store) AddQuarantine(ctx context.Context, item QuarantineItem) (QuarantineItem, error) {
	row := quarantineRow{
		ID: NewID(), ChannelID: item.ChannelID, Source: item.Source, Raw: item.Raw, Error: item.Error,
		CreatedAt: stampOf(time.Now()),
	}
	if row.Raw == nil {
		row.Raw = []byte{}
	}
	digest := sha256.Sum256(row.Raw)
	row.Digest = hex.EncodeToString(digest[:])
	insert := s.write.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if insert.Error != nil {
		return QuarantineItem{}, fmt.Errorf("add to quarantine: %w", insert.Error)
	}
	if insert.RowsAffected > 0 {
		return row.item(), nil
	}
	before, err := take[quarantineRow](s.write.WithContext(ctx).
		Where("channel_id = ? AND source = ? AND digest = ?", row.ChannelID, row.Source, row.Digest), "quarantined item")
	return before.item(), err
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

// MarkReprocessed records that an item was understood after all and drops what it
// was read from: that is a message now, and goes when its contact is erased (B12).
func (s *Store) MarkReprocessed(ctx context.Context, id string) error {
	update := s.write.WithContext(ctx).Model(&quarantineRow{}).Where("id = ?", id).Updates(processed())
	return changed(update, "quarantined item")
}

// eraseQuarantine drops what items that name a contact's mail address or number, or
// its id at a page or on WhatsApp, hold, and their place in the list; the same once more is
// still the same item.
func (s *Store) eraseQuarantine(t *tx, contactID string) error {
	var identities []identityRow
	err := t.Where("contact_id = ? AND kind IN ?", contactID,
		[]inbox.IdentityKind{inbox.IdentityEmail, inbox.IdentityMessenger, inbox.IdentityWhatsApp, inbox.IdentityPhone}).Find(&identities).Error
	if err != nil {
		return fmt.Errorf("list the contact's addresses: %w", err)
	}
	addresses := convert(identities, func(r identityRow) string {
		if _, atPage, ok := strings.Cut(r.Value, ":"); ok && r.Kind == inbox.IdentityMessenger {
			return atPage
		}
		if r.Kind == inbox.IdentityPhone {
			return strings.TrimPrefix(r.Value, "+") // a form has "%2B"
		}
		return r.Value
	})
	names := "instr(lower(CAST(raw AS TEXT)), ?) > 0"
	if s.postgres {
		names = "position(? IN lower(encode(raw, 'escape'))) > 0"
	}
	for _, address := range addresses {
		address = strings.ToLower(address)
		var ids []string
		if err := t.Model(&quarantineRow{}).Where(names, address).Pluck("id", &ids).Error; err != nil {
			return fmt.Errorf("search quarantine: %w", err)
		}
		for _, id := range ids {
			row, err := take[quarantineRow](t.Where("id = ?", id), "quarantined item")
			if err != nil {
				return err
			}
			if !namesAddress(row.Raw, address) {
				continue
			}
			if err := t.Model(&row).Updates(processed()).Error; err != nil {
				return fmt.Errorf("erase quarantined item: %w", err)
			}
		}
	}
	return nil
}

// namesAddress reports whether an address stands in a text as a whole: that of
// somebody else may end or begin like it. "%2B" is the plus of a number in a form.
func namesAddress(raw []byte, address string) bool {
	return regexp.MustCompile(`(?i)(?:^|%2b|[^a-z0-9._+-])` + regexp.QuoteMeta(address) + `(?:$|[^a-z0-9.-]|\.(?:$|[^a-z0-9]))`).Match(raw)
}

// processed are the changes of an item that is none any more.
func processed() map[string]any {
	return map[string]any{"reprocessed_at": stampOf(time.Now()), "raw": []byte{}}
}

type quarantineRow struct {
	ID            string `gorm:"primaryKey"`
	ChannelID     string
	Source        string
	Raw           []byte
	Digest        string // of Raw as it came
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

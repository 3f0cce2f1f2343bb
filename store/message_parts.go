package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"
)

// MessagePart is one of the messages that a provider takes an answer as.
type MessagePart struct {
	// Number begins with 1; Parts is how many there are.
	Number, Parts int
	// Sent is what is certain; without it the part may have left or not.
	Sent              bool
	ProviderMessageID string
}

// MessageParts returns the parts of an answer that were taken for sending, in order.
func (s *Store) MessageParts(ctx context.Context, messageID string) ([]MessagePart, error) {
	var rows []messagePartRow
	if err := s.reading(ctx).Where("message_id = ?", messageID).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load the message's parts: %w", err)
	}
	return convert(rows, messagePartRow.part), nil
}

// ClaimPart takes a part of an answer for sending. claimed is false when it was
// taken before: of two tries that overlap, one sends.
func (s *Store) ClaimPart(ctx context.Context, messageID string, part MessagePart) (claimed bool, err error) {
	insert := s.write.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&messagePartRow{
		MessageID: messageID, Number: part.Number, Parts: part.Parts,
	})
	if insert.Error != nil {
		return false, fmt.Errorf("claim the message's part: %w", insert.Error)
	}
	return insert.RowsAffected > 0, nil
}

// ReleasePart gives a part back that certainly was not sent.
func (s *Store) ReleasePart(ctx context.Context, messageID string, number int) error {
	err := s.write.WithContext(ctx).Delete(&messagePartRow{}, "message_id = ? AND number = ? AND NOT sent", messageID, number).Error
	if err != nil {
		return fmt.Errorf("release the message's part: %w", err)
	}
	return nil
}

// PartSent records that the provider has a part, under its own id. With the last one
// the whole message is sent, under that part's id: what arrives after it has
// arrived. A part that was never taken changes nothing.
func (s *Store) PartSent(ctx context.Context, messageID string, number int, providerMessageID string, at time.Time) error {
	update := s.write.WithContext(ctx).Model(&messagePartRow{}).Where("message_id = ? AND number = ?", messageID, number).
		Updates(map[string]any{"sent": true, "provider_message_id": storable(providerMessageID)})
	if update.Error != nil {
		return fmt.Errorf("record the message's part: %w", update.Error)
	}
	parts, err := s.MessageParts(ctx, messageID)
	if err != nil || !AllSent(parts) {
		return err
	}
	return s.MarkSent(ctx, messageID, parts[len(parts)-1].ProviderMessageID, at)
}

// AllSent reports whether the provider has the whole message.
func AllSent(parts []MessagePart) bool {
	for _, part := range parts {
		if !part.Sent {
			return false
		}
	}
	return len(parts) > 0 && len(parts) == parts[0].Parts
}

type messagePartRow struct {
	MessageID         string `gorm:"primaryKey"`
	Number            int    `gorm:"primaryKey"`
	Parts             int
	Sent              bool
	ProviderMessageID string
}

func (messagePartRow) TableName() string { return "message_parts" }

func (r messagePartRow) part() MessagePart {
	return MessagePart{Number: r.Number, Parts: r.Parts, Sent: r.Sent, ProviderMessageID: r.ProviderMessageID}
}

package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// maximumIdentitySecrets lets a website change over from one secret to the next.
const maximumIdentitySecrets = 2

// IdentitySecret is a secret with which a chat's website vouches for its users.
type IdentitySecret struct {
	ID, ChannelID string
	Sealed        []byte
	CreatedAt     time.Time
}

// CreateIdentitySecret adds a secret to a channel; beside two it is CodeConflict.
func (s *Store) CreateIdentitySecret(ctx context.Context, secret IdentitySecret) error {
	return s.tx(ctx, func(t *tx) error {
		if _, err := take[channelRow](t.Clauses(forUpdate).Where("id = ? AND deleted_at IS NULL", secret.ChannelID), "channel"); err != nil {
			return err
		}
		var count int64
		if err := t.Model(&identitySecretRow{}).Where("channel_id = ?", secret.ChannelID).Count(&count).Error; err != nil {
			return fmt.Errorf("count identity secrets: %w", err)
		}
		if count >= maximumIdentitySecrets {
			refusal := inbox.Errorf(inbox.CodeConflict, "This channel has %d identity secrets already.", count)
			refusal.Remedy = "Delete the one that the website does not use any more."
			return refusal
		}
		row := identitySecretRow{ID: secret.ID, ChannelID: secret.ChannelID, Sealed: secret.Sealed, CreatedAt: stampOf(secret.CreatedAt)}
		if err := t.Create(&row).Error; err != nil {
			return fmt.Errorf("create identity secret: %w", err)
		}
		return nil
	})
}

// IdentitySecrets lists a channel's secrets, oldest first.
func (s *Store) IdentitySecrets(ctx context.Context, channelID string) ([]IdentitySecret, error) {
	var rows []identitySecretRow
	if err := s.reading(ctx).Where("channel_id = ?", channelID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list identity secrets: %w", err)
	}
	return convert(rows, identitySecretRow.secret), nil
}

// DeleteIdentitySecret ends a secret.
func (s *Store) DeleteIdentitySecret(ctx context.Context, channelID, id string) error {
	return changed(s.write.WithContext(ctx).Delete(&identitySecretRow{}, "channel_id = ? AND id = ?", channelID, id), "identity secret")
}

type identitySecretRow struct {
	ID        string `gorm:"primaryKey"`
	ChannelID string
	Sealed    []byte
	CreatedAt stamp
}

func (identitySecretRow) TableName() string { return "identity_secrets" }

func (r identitySecretRow) secret() IdentitySecret {
	return IdentitySecret{ID: r.ID, ChannelID: r.ChannelID, Sealed: r.Sealed, CreatedAt: r.CreatedAt.Time}
}

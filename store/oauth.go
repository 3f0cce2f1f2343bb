package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// OAuthState is a consent that was asked for and not given yet.
type OAuthState struct {
	// Hash is that of the state, which only the browser has.
	Hash      string
	ChannelID string
	// AgentID is who asked.
	AgentID  string
	Provider inbox.Provider
	// Verifier is PKCE's, sealed.
	Verifier  []byte
	ExpiresAt time.Time
}

// CreateOAuthState keeps a state until it is taken or expires, and forgets those
// that have expired.
func (s *Store) CreateOAuthState(ctx context.Context, state OAuthState) error {
	err := s.tx(ctx, func(t *tx) error {
		if err := t.Delete(&oauthStateRow{}, "expires_at < ?", stampOf(time.Now())).Error; err != nil {
			return err
		}
		return t.Create(&oauthStateRow{
			Hash: state.Hash, ChannelID: state.ChannelID, AgentID: state.AgentID, Provider: state.Provider,
			Verifier: state.Verifier, ExpiresAt: stampOf(state.ExpiresAt),
		}).Error
	})
	if err != nil {
		return fmt.Errorf("keep OAuth state: %w", err)
	}
	return nil
}

// TakeOAuthState returns a state that has not expired, once; otherwise it is
// CodeNotFound.
func (s *Store) TakeOAuthState(ctx context.Context, hash string, at time.Time) (OAuthState, error) {
	var row oauthStateRow
	err := s.tx(ctx, func(t *tx) (err error) {
		row, err = take[oauthStateRow](t.Clauses(forUpdate).Where("hash = ? AND expires_at > ?", hash, stampOf(at)), "OAuth state")
		if err != nil {
			return err
		}
		return changed(t.Delete(&oauthStateRow{}, "hash = ?", hash), "OAuth state")
	})
	return OAuthState{
		Hash: row.Hash, ChannelID: row.ChannelID, AgentID: row.AgentID, Provider: row.Provider,
		Verifier: row.Verifier, ExpiresAt: row.ExpiresAt.Time,
	}, err
}

type oauthStateRow struct {
	Hash      string `gorm:"primaryKey"`
	ChannelID string
	AgentID   string
	Provider  inbox.Provider
	Verifier  []byte
	ExpiresAt stamp
}

func (oauthStateRow) TableName() string { return "oauth_states" }

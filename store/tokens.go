package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Token describes an agent's API token; only its hash is stored.
type Token struct {
	ID        string
	Label     string
	CreatedAt time.Time
}

// CreateToken stores the hash of a new token of an agent.
func (s *Store) CreateToken(ctx context.Context, agentID, hash, label string) (tokenID string, err error) {
	row := tokenRow{ID: NewID(), AgentID: agentID, Hash: hash, Label: label, CreatedAt: stampOf(time.Now())}
	err = s.tx(ctx, func(t *tx) error {
		if _, err := take[agentRow](t.Where("id = ?", agentID), "agent"); err != nil {
			return err
		}
		return t.Create(&row).Error
	})
	if err != nil {
		return "", unique(err, inbox.CodeConflict, "This token exists already.")
	}
	return row.ID, nil
}

// Tokens lists an agent's tokens, oldest first.
func (s *Store) Tokens(ctx context.Context, agentID string) ([]Token, error) {
	var rows []tokenRow
	if err := s.reading(ctx).Where("agent_id = ?", agentID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return convert(rows, func(r tokenRow) Token {
		return Token{ID: r.ID, Label: r.Label, CreatedAt: r.CreatedAt.Time}
	}), nil
}

// DeleteToken withdraws an agent's token.
func (s *Store) DeleteToken(ctx context.Context, agentID, tokenID string) error {
	return changed(s.write.WithContext(ctx).Delete(&tokenRow{}, "id = ? AND agent_id = ?", tokenID, agentID), "token")
}

// AgentByTokenHash returns the agent a token belongs to, or NotFound.
func (s *Store) AgentByTokenHash(ctx context.Context, hash string) (inbox.Agent, error) {
	row, err := take[agentRow](s.reading(ctx).
		Where("id = (SELECT agent_id FROM agent_tokens WHERE hash = ?)", hash), "token")
	return row.agent(), err
}

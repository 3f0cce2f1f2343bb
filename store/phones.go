package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

type phoneVerificationRow struct {
	AgentID     string `gorm:"primaryKey"`
	Phone       string
	CodeHash    string
	Tries       int
	Sent        int
	CountedFrom stamp
	SentAt      stamp
	ExpiresAt   stamp
}

func (phoneVerificationRow) TableName() string { return "phone_verifications" }

func (r phoneVerificationRow) verification() inbox.PhoneVerification {
	return inbox.PhoneVerification{
		AgentID: r.AgentID, Number: r.Phone, CodeHash: r.CodeHash, Tries: r.Tries, Sent: r.Sent,
		CountedFrom: r.CountedFrom.Time, SentAt: r.SentAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
}

func phoneVerificationOf(v inbox.PhoneVerification) phoneVerificationRow {
	return phoneVerificationRow{
		AgentID: v.AgentID, Phone: v.Number, CodeHash: v.CodeHash, Tries: v.Tries, Sent: v.Sent,
		CountedFrom: stampOf(v.CountedFrom), SentAt: stampOf(v.SentAt), ExpiresAt: stampOf(v.ExpiresAt),
	}
}

// DecidePhone decides about a number by its verification as it is, zero when
// there is none, and returns it as it is then.
type DecidePhone func(inbox.PhoneVerification) (inbox.PhoneVerification, *inbox.Error)

// VerifyPhone keeps a new verification of an agent's number. The number he has
// stays until the new one is proved.
func (s *Store) VerifyPhone(ctx context.Context, agentID string, decide DecidePhone) (inbox.PhoneVerification, error) {
	var verification inbox.PhoneVerification
	err := s.tx(ctx, func(t *tx) error {
		before, err := t.phoneVerification(agentID)
		if err != nil {
			return err
		}
		next, refusal := decide(before)
		if refusal != nil {
			return refusal
		}
		verification = next
		return t.savePhoneVerification(next)
	})
	if err != nil {
		return inbox.PhoneVerification{}, fmt.Errorf("verify phone: %w", err)
	}
	return verification, nil
}

// ProvePhone tries a code, and gives the agent the number that it proves. A wrong
// try is kept.
func (s *Store) ProvePhone(ctx context.Context, agentID string, decide DecidePhone) (inbox.Agent, error) {
	var refusal *inbox.Error
	var agent agentRow
	err := s.tx(ctx, func(t *tx) (err error) {
		before, err := t.phoneVerification(agentID)
		if err != nil {
			return err
		}
		var tried inbox.PhoneVerification
		if tried, refusal = decide(before); refusal != nil {
			if tried == before {
				return nil
			}
			return t.savePhoneVerification(tried)
		}
		tried.CodeHash, tried.Number = "", ""
		if err := t.savePhoneVerification(tried); err != nil {
			return err
		}
		if err := t.setPhone(agentID, before.Number); err != nil {
			return err
		}
		agent, err = take[agentRow](t.Where("id = ?", agentID), "agent")
		return err
	})
	if err != nil {
		return inbox.Agent{}, fmt.Errorf("prove phone: %w", err)
	}
	if refusal != nil {
		return inbox.Agent{}, refusal
	}
	return agent.agent(), nil
}

// SetPhone gives an agent a number, E.164, that is known to be his; "" takes it
// from him.
func (s *Store) SetPhone(ctx context.Context, agentID, number string) error {
	if err := s.tx(ctx, func(t *tx) error { return t.setPhone(agentID, number) }); err != nil {
		return fmt.Errorf("set phone: %w", err)
	}
	return nil
}

func (t *tx) setPhone(agentID, number string) error {
	return changed(t.Model(&agentRow{}).Where("id = ?", agentID).Update("phone", number), "agent")
}

// phoneVerification locks the agent, whose verification may not exist yet.
func (t *tx) phoneVerification(agentID string) (inbox.PhoneVerification, error) {
	if _, err := take[agentRow](t.Clauses(forNoKeyUpdate).Where("id = ?", agentID), "agent"); err != nil {
		return inbox.PhoneVerification{}, err
	}
	row := phoneVerificationRow{AgentID: agentID}
	err := t.Take(&row, "agent_id = ?", agentID).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return inbox.PhoneVerification{}, fmt.Errorf("load phone verification: %w", err)
	}
	return row.verification(), nil
}

func (t *tx) savePhoneVerification(v inbox.PhoneVerification) error {
	row := phoneVerificationOf(v)
	if err := t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("save phone verification: %w", err)
	}
	return nil
}

// Caller returns the number that calls of ours come from, that of the oldest call
// channel that is switched on; "" when there is none.
func (s *Store) Caller(ctx context.Context) (number string, err error) {
	var numbers []string
	err = s.reading(ctx).Model(&channelRow{}).
		Where("kind = ? AND enabled AND account <> '' AND deleted_at IS NULL", inbox.KindCall).
		Order("id").Limit(1).Pluck("account", &numbers).Error
	if err != nil || len(numbers) == 0 {
		return "", err
	}
	return numbers[0], nil
}

package store

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// Account returns the account-wide policy.
func (s *Store) Account(ctx context.Context) (inbox.Account, error) {
	row, err := take[accountRow](s.reading(ctx), "account")
	return row.account(), err
}

// SaveAccount replaces the account-wide policy.
func (s *Store) SaveAccount(ctx context.Context, account inbox.Account) error {
	row := accountRow{
		ID: 1, Name: account.Name, TicketsFromChannels: account.TicketsFromChannels,
		TicketsPerContact: account.TicketsPerContact, CloseAfterQuiet: account.CloseAfterQuiet,
	}
	if err := s.write.WithContext(ctx).Save(&row).Error; err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	return nil
}

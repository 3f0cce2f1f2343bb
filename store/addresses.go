package store

import (
	"fmt"

	"switchboard/inbox"
)

// checkTeamAddress refuses an agent's own address for a team (G15). The caller
// holds the addresses lock.
func (t *tx) checkTeamAddress(address string) error {
	var agents int64
	if err := t.Model(&agentRow{}).Where("lower(email) = lower(?)", address).Count(&agents).Error; err != nil {
		return fmt.Errorf("look up agents' addresses: %w", err)
	}
	if agents == 0 {
		return nil
	}
	refusal := inbox.Errorf(inbox.CodePersonalMailbox, "This is an agent's own address; a team needs one of its own.")
	refusal.Remedy = "Connect a shared mailbox, or give the agent another address."
	return refusal
}

// checkAgentAddress refuses a team's address for an agent (G15). The caller
// holds the addresses lock.
func (t *tx) checkAgentAddress(address string) error {
	teams, err := t.teamsAt(address)
	if err != nil || teams == 0 {
		return err
	}
	refusal := inbox.Errorf(inbox.CodePersonalMailbox, "This is a team's address; an agent needs one of their own.")
	refusal.Field = "email"
	return refusal
}

// teamsAt counts the channels whose own address it is; "" is none's.
func (t *tx) teamsAt(address string) (channels int64, err error) {
	if address == "" {
		return 0, nil
	}
	err = t.Model(&channelRow{}).Where("kind = ? AND account = lower(?) AND deleted_at IS NULL", inbox.KindEmail, address).
		Count(&channels).Error
	if err != nil {
		return 0, fmt.Errorf("look up teams' addresses: %w", err)
	}
	return channels, nil
}

package store

import (
	"errors"
	"fmt"

	"gorm.io/gorm/clause"
)

// A transaction on PostgreSQL takes its locks in this order, so that no two
// can wait for each other:
//
//  1. the claims lock: shared to decide one conversation, exclusive to go
//     through the queue or to change whom it leads to; or the notices lock; or
//     the addresses lock, then the row of a channel and its mailbox;
//  2. rows of contacts, identities and merges, each in the order of its key;
//  3. rows of agents, in the order of their ids;
//  4. rows of conversations, one, or several in the order of their ids, then
//     what belongs to them; then the rings lock;
//  5. the events lock, which the end of the transaction takes.
//
// On SQLite the transaction itself is the lock.

// claimsLock is the key of the advisory lock of claims.
const claimsLock = 0x7377_636c // "swcl"

// noticesLock is the key of the advisory lock under which it is counted how often
// a team is told (B5).
const noticesLock = 0x7377_6e74 // "swnt"

// addressesLock is the key of the advisory lock under which agents and teams get
// addresses (G15).
const addressesLock = 0x7377_6164 // "swad"

// ringsLock is the key of the advisory lock under which it is decided whose phone
// rings.
const ringsLock = 0x7377_7267 // "swrg"

// forNoKeyUpdate locks rows against changes, but not against being referred to.
var forNoKeyUpdate = clause.Locking{Strength: "NO KEY UPDATE"}

// errOutdated rolls back a transaction whose conversation was changed between
// reading and writing; the caller reads again.
var errOutdated = errors.New("the conversation has changed meanwhile")

// lockClaims is taken by every transaction that assigns automatically. Alone, it
// may go through the queue: meanwhile nothing enters it and nothing else is
// assigned automatically. What agents do by hand is noticed as errOutdated.
func (s *Store) lockClaims(t *tx, alone bool) error {
	if alone {
		return s.advisoryLock(t, "pg_advisory_xact_lock", claimsLock)
	}
	return s.advisoryLock(t, "pg_advisory_xact_lock_shared", claimsLock)
}

func (s *Store) lockNotices(t *tx) error {
	return s.advisoryLock(t, "pg_advisory_xact_lock", noticesLock)
}

func (s *Store) lockAddresses(t *tx) error {
	return s.advisoryLock(t, "pg_advisory_xact_lock", addressesLock)
}

func (s *Store) lockRings(t *tx) error {
	return s.advisoryLock(t, "pg_advisory_xact_lock", ringsLock)
}

func (s *Store) advisoryLock(t *tx, function string, key int) error {
	if !s.postgres {
		return nil
	}
	if err := t.Exec("SELECT "+function+"(?)", key).Error; err != nil {
		return fmt.Errorf("take lock: %w", err)
	}
	return nil
}

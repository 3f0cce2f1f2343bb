package e2e

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
)

// ledger is what senders tried and what they were told.
type ledger struct {
	mu sync.Mutex
	// conversations are by submission id; "" was not acknowledged.
	conversations map[string]string
}

func newLedger() *ledger {
	return &ledger{conversations: map[string]string{}}
}

func (l *ledger) tried(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.conversations[id]; !known {
		l.conversations[id] = ""
	}
}

func (l *ledger) acknowledge(id, conversationID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conversations[id] = conversationID
}

// await returns when so many were acknowledged.
func (l *ledger) await(t *testing.T, n int) {
	t.Helper()
	eventually(t, func() error {
		if acknowledged := len(l.acknowledged()); acknowledged < n {
			return fmt.Errorf("%d acknowledged, not %d", acknowledged, n)
		}
		return nil
	})
}

// acknowledged are the conversations by submission id.
func (l *ledger) acknowledged() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	acknowledged := maps.Clone(l.conversations)
	maps.DeleteFunc(acknowledged, func(_, conversation string) bool { return conversation == "" })
	return acknowledged
}

// unanswered are the submissions that were tried in vain.
func (l *ledger) unanswered() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(l.conversations)) {
		if l.conversations[id] == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// atOnce does something on so many connections at once.
func atOnce(connections int, do func(connection int)) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() { do(i) })
	}
	return &all
}

package e2e

import (
	"maps"
	"slices"
	"sync"
)

// ledger is what senders tried and what they were told.
type ledger struct {
	mu    sync.Mutex
	moved *sync.Cond
	// conversations are by submission id; "" was not acknowledged.
	conversations map[string]string
}

func newLedger() *ledger {
	l := &ledger{conversations: map[string]string{}}
	l.moved = sync.NewCond(&l.mu)
	return l
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
	l.moved.Broadcast()
}

// await returns when so many were acknowledged.
func (l *ledger) await(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.count() < n {
		l.moved.Wait()
	}
}

func (l *ledger) count() int {
	n := 0
	for _, conversation := range l.conversations {
		if conversation != "" {
			n++
		}
	}
	return n
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

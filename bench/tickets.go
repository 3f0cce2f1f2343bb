package main

import (
	"context"
	"sync"

	"switchboard/inbox"
	"switchboard/store"
)

const eventsAtOnce = 500

// tickets tells who waits for a conversation's ticket, from the events feed.
type tickets struct {
	mu      sync.Mutex
	created map[string]chan struct{}
	wake    chan struct{}
	// all counts them; another is closed, and replaced, with every ticket.
	all     int
	another chan struct{}
}

func watchTickets(ctx context.Context, s *store.Store) (*tickets, error) {
	last, err := s.LastEventID(ctx)
	if err != nil {
		return nil, err
	}
	t := &tickets{created: make(map[string]chan struct{}), wake: make(chan struct{}, 1), another: make(chan struct{})}
	s.OnCommit(func() {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	})
	go t.follow(ctx, s, last)
	return t, nil
}

func (t *tickets) follow(ctx context.Context, s *store.Store, last int64) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		}
		for full := true; full; {
			events, err := s.EventsAfter(ctx, last, eventsAtOnce)
			if err != nil {
				break // the next commit wakes it again
			}
			for _, event := range events {
				last = event.ID
				if event.Kind == inbox.EventTicketCreated {
					close(t.of(event.ConversationID))
					t.count()
				}
			}
			full = len(events) == eventsAtOnce
		}
	}
}

func (t *tickets) of(conversationID string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	created, ok := t.created[conversationID]
	if !ok {
		created = make(chan struct{})
		t.created[conversationID] = created
	}
	return created
}

// await returns when the conversation has its ticket.
func (t *tickets) await(ctx context.Context, conversationID string) error {
	select {
	case <-t.of(conversationID):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *tickets) count() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all++
	close(t.another)
	t.another = make(chan struct{})
}

// total is how many tickets there are.
func (t *tickets) total() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all
}

// awaitTotal returns when there are so many tickets.
func (t *tickets) awaitTotal(ctx context.Context, n int) error {
	for {
		t.mu.Lock()
		all, another := t.all, t.another
		t.mu.Unlock()
		if all >= n {
			return nil
		}
		select {
		case <-another:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

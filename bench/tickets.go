package main

import (
	"context"
	"sync"

	"switchboard/inbox"
	"switchboard/store"
)

// tickets tells who waits for a conversation's ticket, from the events feed.
type tickets struct {
	mu      sync.Mutex
	created map[string]chan struct{}
	wake    chan struct{}
}

func watchTickets(ctx context.Context, s *store.Store) (*tickets, error) {
	last, err := s.LastEventID(ctx)
	if err != nil {
		return nil, err
	}
	t := &tickets{created: make(map[string]chan struct{}), wake: make(chan struct{}, 1)}
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
		for {
			events, err := s.EventsAfter(ctx, last, 500)
			if err != nil || len(events) == 0 {
				break
			}
			for _, event := range events {
				last = event.ID
				if event.Kind == inbox.EventTicketCreated {
					close(t.of(event.ConversationID))
				}
			}
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

package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"switchboard/inbox"
)

const (
	// pollEvery is how soon events of other processes arrive.
	pollEvery = 250 * time.Millisecond
	// pageOfEvents is how many events one query reads.
	pageOfEvents = 500
	// backlogOfEvents is how far a listener may fall behind before it is
	// disconnected.
	backlogOfEvents = 1000
)

// EventSource is where a Hub reads events from; *store.Store is one.
type EventSource interface {
	EventsAfter(ctx context.Context, afterID int64, limit int) ([]inbox.Event, error)
	LastEventID(ctx context.Context) (int64, error)
}

// Hub tells this process's listeners what happens, in commit order, whichever
// process did it. One query reads new events for all listeners.
type Hub struct {
	source EventSource
	log    *slog.Logger
	wake   chan struct{}

	mu        sync.Mutex
	listeners map[*Listener]struct{}
	// told is the last event that was offered to the listeners; it means nothing
	// while there are none.
	told   int64
	closed bool
}

// NewHub returns a hub that tells nothing before Run.
func NewHub(source EventSource, log *slog.Logger) *Hub {
	return &Hub{source: source, log: log, wake: make(chan struct{}, 1), listeners: map[*Listener]struct{}{}}
}

// Wake looks for new events now; it is meant for store.OnCommit and never
// blocks.
func (h *Hub) Wake() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Tell tells this process's listeners of an event that is not kept: its ID is 0.
// Those of other processes do not hear of it, and one that is behind misses it.
func (h *Hub) Tell(event inbox.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.keep(event) {
			l.offer(event)
		}
	}
}

// Run reads events until ctx ends and then disconnects every listener.
func (h *Hub) Run(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	defer h.close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-ticker.C:
		}
		if err := h.poll(ctx); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "events could not be read", "error", err)
		}
	}
}

// join adds a listener. It returns the id after which events will be live.
func (h *Hub) join(l *Listener) (told int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		l.end()
		return l.seen
	}
	if len(h.listeners) == 0 {
		h.told = l.seen
	}
	h.listeners[l] = struct{}{}
	return h.told
}

func (h *Hub) leave(l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for l := range h.listeners {
		l.end()
	}
	clear(h.listeners)
}

func (h *Hub) poll(ctx context.Context) error {
	for {
		told, listening := h.position()
		if !listening {
			return nil
		}
		events, err := h.source.EventsAfter(ctx, told, pageOfEvents)
		if err != nil {
			return err
		}
		h.offer(told, events)
		if len(events) < pageOfEvents {
			return nil
		}
	}
}

func (h *Hub) position() (told int64, listening bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told, len(h.listeners) > 0
}

// offer hands the events after told to the listeners, unless the position moved
// meanwhile because all of them were replaced.
func (h *Hub) offer(told int64, events []inbox.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told != told {
		return
	}
	for _, event := range events {
		h.told = event.ID
		for l := range h.listeners {
			if l.keep(event) && !l.offer(event) {
				l.end()
				delete(h.listeners, l)
			}
		}
	}
}

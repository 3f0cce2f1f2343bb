package api

import (
	"context"
	"fmt"
	"log/slog"
	"math"
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

// FromNow is the position after every event there is.
const FromNow = math.MaxInt64

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
	listeners map[*listener]struct{}
	// told is the last event that was offered to the listeners; it means nothing
	// while there are none.
	told   int64
	closed bool
	// ended is closed with the hub.
	ended chan struct{}
}

type listener struct {
	keep func(inbox.Event) bool
	// live holds places for pointers: an idle listener costs little.
	live chan *inbox.Event
}

// NewHub returns a hub that tells nothing before Run.
func NewHub(source EventSource, log *slog.Logger) *Hub {
	return &Hub{
		source: source, log: log, wake: make(chan struct{}, 1), listeners: map[*listener]struct{}{}, ended: make(chan struct{}),
	}
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
		if !l.keep(event) {
			continue
		}
		select {
		case l.live <- &event:
		default:
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

// Subscribe sends every event after the one with the given id that keep lets
// through: first those in the store, then new ones, none lost, none twice. keep
// must be quick and safe for concurrent use. The channel is closed when ctx or
// Run ends, when events cannot be read and when the listener falls too far
// behind; it then continues with the last id it received. FromNow begins after
// the newest event.
func (h *Hub) Subscribe(ctx context.Context, after int64, keep func(inbox.Event) bool) (<-chan inbox.Event, error) {
	last, err := h.source.LastEventID(ctx)
	if err != nil {
		return nil, fmt.Errorf("subscribe to events: %w", err)
	}
	// An id nobody has reached yet would hold back the other listeners.
	after = min(after, last)
	out := make(chan inbox.Event)
	go func() {
		defer close(out)
		if err := h.follow(ctx, after, keep, out); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "listener disconnected", "error", err)
		}
	}()
	return out, nil
}

func (h *Hub) follow(ctx context.Context, seen int64, keep func(inbox.Event) bool, out chan<- inbox.Event) error {
	// The long way is gone before joining, so that it does not count as backlog.
	seen, err := h.replay(ctx, seen, math.MaxInt64, keep, out)
	if err != nil {
		return err
	}
	l, told := h.join(seen, keep)
	defer h.leave(l)
	if seen, err = h.replay(ctx, seen, told, keep, out); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event, ok := <-l.live:
			if !ok {
				return fmt.Errorf("too far behind, or the hub ended, after event %d", seen)
			}
			if event.ID <= seen && event.ID != 0 {
				continue
			}
			if err := send(ctx, out, *event); err != nil {
				return err
			}
			seen = max(seen, event.ID)
		}
	}
}

// replay sends the stored events after seen up to upTo and returns the last one
// it looked at.
func (h *Hub) replay(ctx context.Context, seen, upTo int64, keep func(inbox.Event) bool, out chan<- inbox.Event) (int64, error) {
	for seen < upTo {
		events, err := h.source.EventsAfter(ctx, seen, pageOfEvents)
		if err != nil {
			return seen, fmt.Errorf("replay events: %w", err)
		}
		for _, event := range events {
			seen = event.ID
			if !keep(event) {
				continue
			}
			if err := send(ctx, out, event); err != nil {
				return seen, err
			}
		}
		if len(events) < pageOfEvents {
			break
		}
	}
	return seen, nil
}

func send(ctx context.Context, out chan<- inbox.Event, event inbox.Event) error {
	select {
	case out <- event:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds a listener that has seen everything up to an id. It returns the id
// after which events will be live.
func (h *Hub) join(seen int64, keep func(inbox.Event) bool) (*listener, int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := &listener{keep: keep, live: make(chan *inbox.Event, backlogOfEvents)}
	if h.closed {
		close(l.live)
		return l, seen
	}
	if len(h.listeners) == 0 {
		h.told = seen
	}
	h.listeners[l] = struct{}{}
	return l, h.told
}

func (h *Hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	close(h.ended)
	for l := range h.listeners {
		h.drop(l)
	}
}

func (h *Hub) drop(l *listener) {
	delete(h.listeners, l)
	close(l.live)
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
			if !l.keep(event) {
				continue
			}
			select {
			case l.live <- &event:
			default:
				h.drop(l)
			}
		}
	}
}

package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"switchboard/inbox"
)

// FromNow is the position after every event there is.
const FromNow = math.MaxInt64

// errDisconnected ends a listener that may listen again.
var errDisconnected = errors.New("the server stops, or the listener is too far behind")

// Listener receives a Hub's events: first those in the store, then new ones, none
// lost, none twice. One that waits costs nothing but its own memory. It is for one
// goroutine.
type Listener struct {
	hub  *Hub
	keep func(inbox.Event) bool
	// seen is the last event that was looked at. Those up to stored are read from the
	// store, those after it come by the hub.
	seen, stored int64
	joined       bool
	// news says that live or ended changed.
	news chan struct{}

	// live are events to take, and ended says that no more will come; the hub's lock
	// guards both.
	live  []inbox.Event
	ended bool
}

// Subscribe listens to every event after the one with the given id that keep lets
// through; FromNow begins after the newest. keep must be quick and safe for
// concurrent use. The listener has to be closed.
func (h *Hub) Subscribe(ctx context.Context, after int64, keep func(inbox.Event) bool) (*Listener, error) {
	last, err := h.source.LastEventID(ctx)
	if err != nil {
		return nil, fmt.Errorf("subscribe to events: %w", err)
	}
	// An id nobody has reached yet would hold back the other listeners.
	return &Listener{hub: h, keep: keep, seen: min(after, last), stored: math.MaxInt64, news: make(chan struct{}, 1)}, nil
}

// Next waits for events, at most for so long: no events are no error. There is one
// when ctx or Run ended, when events cannot be read and when the listener fell too far
// behind; another one then continues after the last event that this one received.
func (l *Listener) Next(ctx context.Context, patience time.Duration) ([]inbox.Event, error) {
	for l.seen < l.stored {
		if events, err := l.replay(ctx); err != nil || len(events) > 0 {
			return events, err
		}
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		if events, err := l.take(); err != nil || len(events) > 0 {
			return events, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timeout.C:
			return nil, nil
		case <-l.news:
		}
	}
}

// Close ends the listening.
func (l *Listener) Close() { l.hub.leave(l) }

// replay returns the next page of stored events. The long way is gone before joining
// the others, so that it does not count as backlog.
func (l *Listener) replay(ctx context.Context) ([]inbox.Event, error) {
	events, err := l.hub.source.EventsAfter(ctx, l.seen, pageOfEvents)
	if err != nil {
		return nil, fmt.Errorf("replay events: %w", err)
	}
	if len(events) > 0 {
		l.seen = events[len(events)-1].ID
	}
	switch {
	case len(events) == pageOfEvents:
	case l.joined:
		l.stored = l.seen
	default:
		l.stored, l.joined = l.hub.join(l), true
	}
	return slices.DeleteFunc(events, func(event inbox.Event) bool { return !l.keep(event) }), nil
}

// take returns the live events that were not among the stored ones.
func (l *Listener) take() ([]inbox.Event, error) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	events := slices.DeleteFunc(l.live, func(event inbox.Event) bool { return event.ID != 0 && event.ID <= l.seen })
	l.live = nil
	if len(events) == 0 && l.ended {
		return nil, errDisconnected
	}
	for _, event := range events {
		l.seen = max(l.seen, event.ID)
	}
	return events, nil
}

// offer keeps an event for the listener, unless it is too far behind.
func (l *Listener) offer(event inbox.Event) bool {
	if len(l.live) == backlogOfEvents {
		return false
	}
	l.live = append(l.live, event)
	l.wake()
	return true
}

func (l *Listener) end() {
	l.ended = true
	l.wake()
}

func (l *Listener) wake() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

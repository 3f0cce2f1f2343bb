package api_test

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/inbox"
)

// events is an EventSource whose ids have gaps, as a store's may.
type events struct {
	mu  sync.Mutex
	all []inbox.Event
	hub *api.Hub
}

func (e *events) add(inboxID string) int64 {
	e.mu.Lock()
	id := int64(2 * (len(e.all) + 1))
	e.all = append(e.all, inbox.Event{ID: id, InboxID: inboxID})
	e.mu.Unlock()
	e.hub.Wake()
	return id
}

func (e *events) EventsAfter(_ context.Context, after int64, limit int) ([]inbox.Event, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	from := min(int(max(after, 0)/2), len(e.all))
	to := min(from+limit, len(e.all))
	return append([]inbox.Event(nil), e.all[from:to]...), nil
}

func (e *events) LastEventID(context.Context) (int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return int64(2 * len(e.all)), nil
}

func newHub(t *testing.T) (*api.Hub, *events) {
	t.Helper()
	source := &events{}
	source.hub = api.NewHub(source, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { source.hub.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return source.hub, source
}

func all(inbox.Event) bool { return true }

// subscribe listens until the test ends.
func subscribe(t *testing.T, hub *api.Hub, after int64, keep func(inbox.Event) bool) *api.Listener {
	t.Helper()
	listener := must(hub.Subscribe(t.Context(), after, keep))(t)
	t.Cleanup(listener.Close)
	return listener
}

// received is what a listener receives until it is disconnected.
func received(t *testing.T, listener *api.Listener) iter.Seq[inbox.Event] {
	return func(yield func(inbox.Event) bool) {
		for {
			events, err := listener.Next(t.Context(), time.Minute)
			if err != nil {
				return
			}
			for _, event := range events {
				if !yield(event) {
					return
				}
			}
		}
	}
}

// nextID is the id of the one event that came.
func nextID(t *testing.T, listener *api.Listener) int64 {
	t.Helper()
	events := must(listener.Next(t.Context(), time.Minute))(t)
	if len(events) != 1 {
		t.Fatalf("got %d events, want one", len(events))
	}
	return events[0].ID
}

func TestListenersReceiveEveryEventOnceWhileOthersWriteAndResume(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	const writers, each = 4, 2000
	for range 700 {
		source.add("a")
	}
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for range each {
				source.add("a")
			}
		})
	}
	var listening sync.WaitGroup
	for n := range 5 {
		listening.Go(func() {
			var seen int64
			const last = 2 * (700 + writers*each)
			for seen < last {
				// Each listener hangs up now and then, as browsers do.
				listener, err := hub.Subscribe(t.Context(), seen, all)
				if err != nil {
					t.Error(err)
					return
				}
				heard := 0
				for event := range received(t, listener) {
					if event.ID != seen+2 {
						t.Errorf("listener %d: after event %d came %d", n, seen, event.ID)
					}
					seen = event.ID
					if heard++; heard == 300*(n+1) || seen == last {
						break
					}
				}
				listener.Close()
			}
		})
	}
	listening.Wait()
	writing.Wait()
}

func TestAListenerReceivesOnlyWhatItMaySee(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	source.add("a")
	source.add("b")
	listener := subscribe(t, hub, 0, func(e inbox.Event) bool { return e.InboxID == "b" })
	if got := nextID(t, listener); got != 4 {
		t.Errorf("stored: got event %d, want 4", got)
	}
	source.add("a")
	source.add("b")
	if got := nextID(t, listener); got != 8 {
		t.Errorf("live: got event %d, want 8", got)
	}
}

func TestASlowListenerIsDisconnectedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	slow := subscribe(t, hub, 0, all)
	quick := subscribe(t, hub, 0, all)
	source.add("a")
	nextID(t, slow)
	nextID(t, quick)
	for range 1500 {
		source.add("a")
		nextID(t, quick)
	}
	heard := 0
	for range received(t, slow) {
		heard++
	}
	if heard == 1500 {
		t.Error("the slow listener was kept")
	}
}

func TestAnIDNobodyHasReachedHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	ahead := subscribe(t, hub, 1<<62, all)
	other := subscribe(t, hub, 0, all)
	id := source.add("a")
	for name, listener := range map[string]*api.Listener{"ahead": ahead, "other": other} {
		if got := nextID(t, listener); got != id {
			t.Errorf("%s: got event %d, want %d", name, got, id)
		}
	}
}

func TestListenersAreDisconnectedWhenTheHubEnds(t *testing.T) {
	t.Parallel()
	source := &events{}
	source.hub = api.NewHub(source, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	before := subscribe(t, source.hub, 0, all)
	go source.hub.Run(ctx)
	source.add("a")
	nextID(t, before)
	stop()
	for range received(t, before) {
		t.Error("an event after the end")
	}
	for range received(t, subscribe(t, source.hub, 2, all)) {
		t.Error("an event after the end")
	}
}

func TestAListenerWaitsNoLongerThanItsPatience(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	listener := subscribe(t, hub, 0, all)
	if events := must(listener.Next(t.Context(), time.Nanosecond))(t); len(events) > 0 {
		t.Errorf("got %+v of nothing", events)
	}
	if id := source.add("a"); nextID(t, listener) != id {
		t.Error("an event was lost with the patience")
	}
}

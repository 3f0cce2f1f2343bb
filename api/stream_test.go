package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

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

func subscribe(t *testing.T, hub *api.Hub, after int64, keep func(inbox.Event) bool) <-chan inbox.Event {
	t.Helper()
	events, err := hub.Subscribe(t.Context(), after, keep)
	if err != nil {
		t.Fatal(err)
	}
	return events
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
				ctx, hangUp := context.WithCancel(t.Context())
				received := 0
				events, err := hub.Subscribe(ctx, seen, all)
				if err != nil {
					t.Error(err)
					hangUp()
					return
				}
				for event := range events {
					if event.ID != seen+2 {
						t.Errorf("listener %d: after event %d came %d", n, seen, event.ID)
					}
					seen = event.ID
					if received++; received == 300*(n+1) || seen == last {
						break
					}
				}
				hangUp()
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
	events := subscribe(t, hub, 0, func(e inbox.Event) bool { return e.InboxID == "b" })
	if got := <-events; got.ID != 4 {
		t.Errorf("stored: got event %d, want 4", got.ID)
	}
	source.add("a")
	source.add("b")
	if got := <-events; got.ID != 8 {
		t.Errorf("live: got event %d, want 8", got.ID)
	}
}

func TestASlowListenerIsDisconnectedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	slow := subscribe(t, hub, 0, all)
	quick := subscribe(t, hub, 0, all)
	source.add("a")
	<-slow
	<-quick
	for range 1500 {
		source.add("a")
		<-quick
	}
	received := 1
	for range slow {
		received++
	}
	if received == 1501 {
		t.Error("the slow listener was kept")
	}
}

func TestAnIDNobodyHasReachedHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	hub, source := newHub(t)
	ahead := subscribe(t, hub, 1<<62, all)
	other := subscribe(t, hub, 0, all)
	id := source.add("a")
	for name, events := range map[string]<-chan inbox.Event{"ahead": ahead, "other": other} {
		if got := <-events; got.ID != id {
			t.Errorf("%s: got event %d, want %d", name, got.ID, id)
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
	<-before
	stop()
	for range before {
		t.Error("an event after the end")
	}
	after, err := source.hub.Subscribe(t.Context(), 2, all)
	if err != nil {
		t.Fatal(fmt.Errorf("subscribe: %w", err))
	}
	for range after {
		t.Error("an event after the end")
	}
}

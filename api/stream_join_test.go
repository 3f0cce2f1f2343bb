package api

import (
	"context"
	"log/slog"
	"runtime"
	"testing"

	"switchboard/inbox"
)

// stored is an EventSource that does not change.
type stored []inbox.Event

func (s stored) EventsAfter(_ context.Context, after int64, _ int) ([]inbox.Event, error) {
	for i, event := range s {
		if event.ID > after {
			return s[i:], nil
		}
	}
	return nil, nil
}

func (s stored) LastEventID(context.Context) (int64, error) { return s[len(s)-1].ID, nil }

func keepAll(inbox.Event) bool { return true }

func TestAListenerAheadOfThePollReceivesNothingTwice(t *testing.T) {
	t.Parallel()
	hub := NewHub(stored{{ID: 2}, {ID: 4}}, slog.New(slog.DiscardHandler))
	hub.join(0, keepAll) // the poll is still at 0
	events, err := hub.Subscribe(t.Context(), 0, keepAll)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{2, 4} {
		if got := <-events; got.ID != want {
			t.Fatalf("got event %d, want %d", got.ID, want)
		}
	}
	for joined := 0; joined < 2; runtime.Gosched() {
		hub.mu.Lock()
		joined = len(hub.listeners)
		hub.mu.Unlock()
	}
	hub.offer(0, []inbox.Event{{ID: 2}, {ID: 4}, {ID: 6}})
	if got := <-events; got.ID != 6 {
		t.Errorf("got event %d again", got.ID)
	}
}

func TestAPollForListenersWhoAreGoneTellsNewOnesNothing(t *testing.T) {
	t.Parallel()
	hub := NewHub(stored{}, slog.New(slog.DiscardHandler))
	gone, _ := hub.join(10, keepAll)
	told, _ := hub.position()
	hub.leave(gone)
	fresh, _ := hub.join(4, keepAll)
	hub.offer(told, []inbox.Event{{ID: 12}}) // 6 to 10 would be lost
	if len(fresh.live) > 0 {
		t.Error("an event came before older ones")
	}
}

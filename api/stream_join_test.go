package api

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
)

// stored is an EventSource that does not change.
type stored []inbox.Event

func (s stored) EventsAfter(_ context.Context, after int64, _ int) ([]inbox.Event, error) {
	for i, event := range s {
		if event.ID > after {
			return slices.Clone(s[i:]), nil
		}
	}
	return nil, nil
}

func (s stored) LastEventID(context.Context) (int64, error) { return s[len(s)-1].ID, nil }

func keepAll(inbox.Event) bool { return true }

// listening joins a hub without anything to replay.
func listening(h *Hub, seen int64) (l *Listener, told int64) {
	l = &Listener{hub: h, keep: keepAll, seen: seen, news: make(chan struct{}, 1)}
	return l, h.join(l)
}

func TestAListenerAheadOfThePollReceivesNothingTwice(t *testing.T) {
	t.Parallel()
	hub := NewHub(stored{{ID: 2}, {ID: 4}}, slog.New(slog.DiscardHandler))
	listening(hub, 0) // the poll is still at 0
	listener, err := hub.Subscribe(t.Context(), 0, keepAll)
	if err != nil {
		t.Fatal(err)
	}
	next := func() []inbox.Event {
		events, err := listener.Next(t.Context(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
	if got := next(); len(got) != 2 || got[0].ID != 2 || got[1].ID != 4 {
		t.Fatalf("got %+v, want the events 2 and 4", got)
	}
	hub.offer(0, []inbox.Event{{ID: 2}, {ID: 4}, {ID: 6}})
	if got := next(); len(got) != 1 || got[0].ID != 6 {
		t.Errorf("got %+v, want event 6", got)
	}
}

func TestAPollForListenersWhoAreGoneTellsNewOnesNothing(t *testing.T) {
	t.Parallel()
	hub := NewHub(stored{}, slog.New(slog.DiscardHandler))
	gone, _ := listening(hub, 10)
	told, _ := hub.position()
	gone.Close()
	fresh, _ := listening(hub, 4)
	hub.offer(told, []inbox.Event{{ID: 12}}) // 6 to 10 would be lost
	if len(fresh.live) > 0 {
		t.Error("an event came before older ones")
	}
}

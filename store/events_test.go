package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/pgtest"
)

// A listener that asks for what came after the last event it saw must see every
// event, although events are written by many transactions at once.
func TestAListenerMissesNoEvent(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		done := make(chan struct{})
		seen := map[int64]bool{}
		var listener sync.WaitGroup
		listener.Go(func() {
			last := int64(0)
			for ended := false; ; {
				events, err := s.EventsAfter(t.Context(), last, 1000)
				if err != nil {
					t.Error(err)
					return
				}
				for _, event := range events {
					last, seen[event.ID] = event.ID, true
				}
				if ended {
					return
				}
				select {
				case <-done:
					ended = true // and look once more
				default:
				}
			}
		})
		together(func(i int) {
			for j := range 4 {
				id := fmt.Sprintf("%d-%d", i, j)
				mustReceive(t, s, inbound(channel, id, id))
			}
		})
		close(done)
		listener.Wait()
		events := must(s.EventsAfter(t.Context(), 0, 1000))(t)
		if len(events) != 256 {
			t.Errorf("%d events, want 256", len(events))
		}
		for _, event := range events {
			if !seen[event.ID] {
				t.Errorf("the listener missed event %d", event.ID)
			}
		}
		if last := must(s.LastEventID(t.Context()))(t); last != events[len(events)-1].ID {
			t.Errorf("last event %d", last)
		}
	})
}

func TestListenersAreWokenAfterTheCommit(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		if last := must(s.LastEventID(t.Context()))(t); last != 0 {
			t.Errorf("last event %d, want 0", last)
		}
		var woken atomic.Int64
		s.OnCommit(func() {
			woken.Add(1)
			if len(must(s.EventsAfter(t.Context(), 0, 10))(t)) == 0 {
				t.Error("woken before the events can be read")
			}
		})
		must(s.Receive(t.Context(), inbound(channel, "thread", "1")))(t)
		must(s.Receive(t.Context(), inbound(channel, "thread", "1")))(t) // changes nothing
		if woken.Load() != 1 {
			t.Errorf("woken %d times, want 1", woken.Load())
		}
	})
}

func TestATimelineIsPagedOldestFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		var id string
		for i := range 3 {
			id = must(s.Receive(ctx, inbound(channel, "thread", fmt.Sprint(i))))(t).ConversationID
			must(s.Receive(ctx, inbound(channel, "other", fmt.Sprint("other", i))))(t)
		}
		first, cursor, err := s.Timeline(ctx, id, store.Page{Limit: 3})
		if err != nil || len(first) != 3 || first[0].Kind != inbox.EventOpened || cursor == "" {
			t.Fatalf("first page %+v, %q, %v", first, cursor, err)
		}
		second, cursor, err := s.Timeline(ctx, id, store.Page{Limit: 3, Cursor: cursor})
		if err != nil || len(second) != 1 || second[0].ConversationID != id || cursor != "" {
			t.Fatalf("second page %+v, %q, %v", second, cursor, err)
		}
		if first[0].At.IsZero() || first[0].InboxID != channel.InboxID || first[0].Actor.Kind != inbox.AuthorContact {
			t.Errorf("event %+v", first[0])
		}
		_, _, err = s.Timeline(ctx, id, store.Page{Cursor: "bm9udW1iZXI"})
		wantField(t, err, inbox.CodeInvalid, "cursor")
	})
}

func TestMessagesAreReadFromWhereAVisitorLeftOff(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		var want []string
		var conversationID string
		for i := range 4 {
			in := inbound(channel, "thread", fmt.Sprint(i))
			in.At = noon.Add(-time.Duration(i) * time.Second) // the order of arrival counts
			receipt := must(s.Receive(ctx, in))(t)
			conversationID, want = receipt.ConversationID, append(want, receipt.MessageID)
		}
		ids := func(messages []inbox.Message) (ids []string) {
			for _, m := range messages {
				ids = append(ids, m.ID)
			}
			return ids
		}
		if got := ids(must(s.MessagesAfter(ctx, conversationID, "", 10))(t)); !slices.Equal(got, want) {
			t.Errorf("all: %v, want %v", got, want)
		}
		if got := ids(must(s.MessagesAfter(ctx, conversationID, want[1], 1))(t)); !slices.Equal(got, want[2:3]) {
			t.Errorf("one after the second: %v, want %v", got, want[2:3])
		}
		messages, cursor, err := s.Messages(ctx, conversationID, store.Page{Limit: 3})
		if err != nil || !slices.Equal(ids(messages), want[:3]) {
			t.Errorf("first page %v, %v", ids(messages), err)
		}
		if messages, cursor, err = s.Messages(ctx, conversationID, store.Page{Limit: 3, Cursor: cursor}); err != nil ||
			!slices.Equal(ids(messages), want[3:]) || cursor != "" {
			t.Errorf("second page %v, %q, %v", ids(messages), cursor, err)
		}
		_, err = s.Message(ctx, store.NewID())
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.ConversationByThread(ctx, channel.ID, "nowhere")
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestSeveralProcessesReceiveAtOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db") },
		"postgres": func(t *testing.T) string { return pgtest.Empty(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			var processes [3]*store.Store
			for i := range processes {
				processes[i] = must(store.Open(t.Context(), url))(t)
				defer processes[i].Close()
			}
			if err := processes[0].Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			channel := newChannel(t, processes[0])
			together(func(i int) { mustReceive(t, processes[i%3], inbound(channel, "thread", fmt.Sprint(i/2))) })
			c := must(processes[0].ConversationByThread(t.Context(), channel.ID, "thread"))(t)
			messages, _, err := processes[1].Messages(t.Context(), c.ID, store.Page{})
			if err != nil || len(messages) != 16 {
				t.Errorf("%d messages, %v; want 16", len(messages), err)
			}
		})
	}
}

func TestReceivingAMessageNeedsFewStatements(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		for i, most := range []int64{6, 5} {
			before := s.Statements()
			in := inbound(channel, "thread", fmt.Sprint(i))
			in.At = noon.Add(time.Duration(i) * time.Second)
			must(s.Receive(t.Context(), in))(t)
			if n := s.Statements() - before; n > most {
				t.Errorf("message %d needed %d statements, want at most %d", i+1, n, most)
			}
		}
	})
}

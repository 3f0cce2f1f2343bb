package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"switchboard/inbox"
)

// line is one server-sent event.
type line struct {
	id          int64
	event, data string
}

// listen reads an agent's event stream until the test, or stop, ends it.
func (w *world) listen(t *testing.T, who person, lastID string) (lines <-chan line, stop func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	request := must(http.NewRequestWithContext(ctx, "GET", w.url+"/api/v1/events", nil))(t)
	request.Header.Set("Authorization", "Bearer "+who.token)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	answer := must(http.DefaultClient.Do(request))(t)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %v", answer.StatusCode, answer.Header)
	}
	exercised.Store("streamEvents", true)
	out := make(chan line)
	go func() {
		defer close(out)
		defer func() { _ = answer.Body.Close() }()
		var l line
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			name, value, _ := strings.Cut(scanner.Text(), ": ")
			switch name {
			case "id":
				l.id, _ = strconv.ParseInt(value, 10, 64)
			case "event":
				l.event = value
			case "data":
				l.data = value
			case "":
				if l.event == "" {
					continue
				}
				select {
				case out <- l:
				case <-ctx.Done():
					return
				}
				l = line{}
			}
		}
	}()
	return out, stop
}

func TestEventsArriveAsTheyHappen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.conversation(t, "before")
	lines, stop := w.listen(t, w.agent, "")
	defer stop()
	receipt := w.conversation(t, "pumps")
	for _, kind := range []string{"conversation_opened", "message_received"} {
		got := <-lines
		event := decodeJSON[struct {
			ID             int64  `json:"id"`
			ConversationID string `json:"conversation_id"`
			InboxID        string `json:"inbox_id"`
			Kind           string `json:"kind"`
		}](t, []byte(got.data))
		if got.event != kind || event.Kind != kind || event.ID != got.id ||
			event.ConversationID != receipt.ConversationID || event.InboxID != w.inbox.ID {
			t.Errorf("got %+v, want %s", got, kind)
		}
	}
}

func TestAListenerResumesWithoutLossWhileOthersWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const writers, each = 4, 20
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for n := range each {
				w.conversation(t, fmt.Sprint(n))
			}
		})
	}
	var seen []int64
	last := "0"
	for len(seen) < 2*writers*each {
		lines, hangUp := w.listen(t, w.agent, last)
		for range 25 {
			got, open := <-lines
			if !open {
				break
			}
			seen = append(seen, got.id)
			last = strconv.FormatInt(got.id, 10)
			if len(seen) == 2*writers*each {
				break
			}
		}
		hangUp()
	}
	writing.Wait()
	stored := must(w.store.EventsAfter(t.Context(), 0, 1000))(t)
	var want []int64
	for _, event := range stored {
		want = append(want, event.ID)
	}
	if !slices.Equal(seen, want) {
		t.Errorf("received %v, stored %v", seen, want)
	}
}

func TestEventsOfInboxesThatAreNotSeenStayAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	channel := w.channel
	channel.InboxID = sales.ID
	channel = must(w.store.CreateChannel(t.Context(), channel))(t)
	seller := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{sales.ID}})
	lines, stop := w.listen(t, seller, "0")
	defer stop()
	w.conversation(t, "pumps")
	receipt := w.conversationOn(t, channel, "offer")
	if got := <-lines; !strings.Contains(got.data, receipt.ConversationID) {
		t.Errorf("got %v", got)
	}
}

func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	for name, withdraw := range map[string]func(*testing.T, *world, person){
		"token": func(t *testing.T, w *world, who person) {
			tokens := must(w.store.Tokens(t.Context(), who.ID))(t)
			check(t, w.store.DeleteToken(t.Context(), who.ID, tokens[0].ID))
		},
		"inbox": func(t *testing.T, w *world, who person) {
			other := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
			who.InboxIDs = []string{other.ID}
			must(w.store.UpdateAgent(t.Context(), who.Agent))(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			lines, stop := w.listen(t, w.agent, "0")
			defer stop()
			w.conversation(t, "pumps")
			<-lines
			withdraw(t, w, w.agent)
			for range lines { // until the server ends it
			}
		})
	}
}

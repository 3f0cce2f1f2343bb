package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/api"
)

// behindProxy believes what tests say of addresses.
func behindProxy(o *api.Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
}

// open opens an event stream, which may be refused. hangUp ends it.
func open(t *testing.T, request *http.Request, address string) (answer *http.Response, hangUp func()) {
	t.Helper()
	ctx, hangUp := context.WithCancel(request.Context())
	t.Cleanup(hangUp)
	request.Header.Set("X-Forwarded-For", address)
	answer = must(http.DefaultClient.Do(request.WithContext(ctx)))(t)
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer, hangUp
}

// refusedStream holds a stream's refusal against the contract.
func refusedStream(t *testing.T, request *http.Request, address string) {
	t.Helper()
	request.Header.Set("X-Forwarded-For", address)
	got := do(t, request, true)
	got.wantProblem(429, "rate_limited", "")
	if wait := got.header.Get("Retry-After"); wait != "30" {
		t.Errorf("Retry-After %q", wait)
	}
}

func TestAVisitorAndAnAddressHaveSoManyStreamsAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, behindProxy, (*api.Options).UsualHeartbeat)
	const home, elsewhere = "192.0.2.1", "192.0.2.2"
	events := func(token string) *http.Request { return w.visitorRequest(t, token, "GET", "events", nil) }
	var ada string
	var leave func()
	for range 10 {
		ada = w.session(t)
		for range 20 {
			var answer *http.Response
			if answer, leave = open(t, events(ada), home); answer.StatusCode != 200 {
				t.Fatalf("refused with %d", answer.StatusCode)
			}
		}
	}
	bob := w.session(t)
	refusedStream(t, events(ada), elsewhere)
	refusedStream(t, events(bob), home)
	if answer, _ := open(t, events(bob), elsewhere); answer.StatusCode != 200 {
		t.Errorf("another visitor from another address was refused with %d", answer.StatusCode)
	}

	leave()
	freed := func() bool {
		answer, hangUp := open(t, events(ada), home)
		if answer.StatusCode != 200 {
			hangUp()
		}
		return answer.StatusCode == 200
	}
	// The server learns of it by itself; each request gives it time to.
	for deadline := time.Now().Add(time.Minute); !freed(); {
		if time.Now().After(deadline) {
			t.Fatal("a stream whose client left still counts")
		}
	}
}

func TestAnAgentHasSoManyStreamsUntilTheServerEndsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := func(who person) *http.Request {
		request := must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/api/v1/events", nil))(t)
		request.Header.Set("Authorization", "Bearer "+who.token)
		return request
	}
	var streams []*http.Response
	for range 20 {
		answer, _ := open(t, events(w.agent), "")
		if answer.StatusCode != 200 {
			t.Fatalf("refused with %d", answer.StatusCode)
		}
		streams = append(streams, answer)
	}
	refusedStream(t, events(w.agent), "")
	if answer, _ := open(t, events(w.admin), ""); answer.StatusCode != 200 {
		t.Errorf("another agent was refused with %d", answer.StatusCode)
	}

	w.agent.InboxIDs = []string{w.inbox.ID} // ends what began with other rights
	must(w.store.UpdateAgent(t.Context(), w.agent.Agent))(t)
	for _, stream := range streams {
		must(io.Copy(io.Discard, stream.Body))(t)
	}
	if answer, _ := open(t, events(w.agent), ""); answer.StatusCode != 200 {
		t.Errorf("streams the server ended still count: %d", answer.StatusCode)
	}
}

// Proof of the widget's issue: 200 visitors are connected, 20 of them chat.
func TestEveryMessageArrivesOnceAndInOrderInACrowd(t *testing.T) {
	t.Parallel()
	const visitors, chatting, each = 200, 20, 5
	w := newWorld(t, (*api.Options).UsualHeartbeat)
	tokens := make([]string, visitors)
	streams := make([]stream, visitors)
	for i := range visitors {
		tokens[i] = w.session(t)
		streams[i] = w.stream(t, tokens[i], "")
		if i%2 == 1 { // half of them have been here before
			w.say(t, tokens[i], "before", "before")
		}
	}
	for i := 1; i < visitors; i += 2 {
		for _, name := range []string{"conversation", "message"} {
			if got := streams[i].next(); got.name != name {
				t.Fatalf("visitor %d: got %+v, want a %s", i, got, name)
			}
		}
	}

	lines, stop := w.listen(t, w.agent, "")
	defer stop()
	failures := make([]error, chatting)
	var talking sync.WaitGroup
	for i := range chatting {
		talking.Go(func() {
			for n := range each {
				failures[i] = errors.Join(failures[i], w.saysInCrowd(t, tokens[i], n))
			}
		})
	}
	patient := time.After(10 * time.Minute)
	for answered := 0; answered < chatting*each; {
		var line line
		select {
		case line = <-lines:
		case <-patient:
			t.Fatalf("the agent heard of %d messages", answered)
		}
		if line.event != "message_received" {
			continue
		}
		event := decodeJSON[struct {
			ConversationID string `json:"conversation_id"`
			Data           struct {
				MessageID string `json:"message_id"`
			} `json:"data"`
		}](t, []byte(line.data))
		w.call(t, w.agent, "POST", "/api/v1/conversations/"+event.ConversationID+"/replies",
			object{"text": "re " + event.Data.MessageID}).want(201)
		answered++
	}
	talking.Wait()
	check(t, errors.Join(failures...))

	// What they say last comes after all there was.
	for i := range visitors {
		w.say(t, tokens[i], "last", "last")
	}
	for i := range visitors {
		said, answered, heard := []string{}, []string{}, []string{}
		for last := false; !last; {
			event := streams[i].next()
			if event.name != "message" {
				continue
			}
			text := event.data["text"].(string)
			switch last = text == "last"; {
			case last:
			case event.data["direction"] == "in":
				said, heard = append(said, text), append(heard, "re "+event.data["id"].(string))
			default:
				if answered = append(answered, text); len(answered) > len(heard) {
					t.Errorf("visitor %d: an answer came before its question", i)
				}
			}
		}
		want := []string{}
		for n := 0; i < chatting && n < each; n++ {
			want = append(want, fmt.Sprint("message ", n))
		}
		if !slices.Equal(said, want) || !slices.Equal(answered, heard) {
			t.Errorf("visitor %d: said %q, answered %q; want %q, %q", i, said, answered, want, heard)
		}
	}
}

// saysInCrowd says something, outside of the test's goroutine.
func (w *world) saysInCrowd(t *testing.T, token string, n int) error {
	body := fmt.Sprintf(`{"text": "message %d", "client_id": "%d"}`, n, n)
	request, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/chat/"+w.channel.ID+"/messages", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Visitor "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if answer.StatusCode != 202 {
		err = errors.New(answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

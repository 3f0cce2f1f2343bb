package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
)

func TestBothSidesSeeWhoTypesAndWhatWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	conversation := w.conversation()
	events := w.listen()

	w.asAgent("POST", "/conversations/"+conversation+"/read", map[string]any{"message_id": w.messages(conversation)[0].ID}, nil)
	p.until("all('.mine .state')[0] === 'Read'")
	p.untilBy(w.types(conversation), "find('.dots') && find('.theirs .by').textContent === 'Ada Byron is typing…'")
	p.accessible()
	p.picture("typing")
	w.answer(conversation, "Good morning")
	p.sees("Hello", "Good morning")
	p.until("!find('.dots')")

	// What the visitor sees is read; what comes while the chat is closed is not.
	events.until(inbox.EventMessageState, "read")
	p.click(".panel .tools button:last-child")
	w.answer(conversation, "Still there?")
	p.until("find('.badge')?.textContent === '1'")
	if got := w.messages(conversation); got[1].State != "read" || got[2].State != "sent" {
		t.Errorf("the agent sees %+v", got)
	}
	p.openChat()
	events.until(inbox.EventMessageState, "read")
	p.run("find('textarea').focus()")
	p.press("y", "y", 'Y')
	events.until(inbox.EventTyping, "")
}

func TestAClosedConversationSaysSoUntilTheVisitorWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	conversation := w.conversation()
	p.untilBy(w.types(conversation), "find('.dots')")
	w.asAgent("POST", "/conversations/"+conversation+"/close", nil, nil)
	const says = "all('.day').at(-1) === 'This conversation is closed. Write to open it again.'"
	p.until(says + " && !find('.dots')")
	p.reload()
	p.until(says + " && find('textarea')")
	p.offline(true)
	p.write("One more thing")
	p.until("all('.state').at(-1) === 'Waiting for the network…' && all('.day').length === 1")
	p.offline(false)
	p.delivered(2)
}

// listener hears what agents hear.
type listener struct {
	t      *testing.T
	events *bufio.Scanner
	stop   context.CancelFunc
}

func (w *world) listen() listener {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	request := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.address+"/api/v1/events", nil))(w.t)
	request.Header.Set("Authorization", "Bearer "+w.token)
	answer := must(http.DefaultClient.Do(request))(w.t)
	w.t.Cleanup(func() { stop(); _ = answer.Body.Close() })
	return listener{w.t, bufio.NewScanner(answer.Body), stop}
}

// until waits for an event; "" is any state.
func (l listener) until(kind inbox.EventKind, state string) {
	l.t.Helper()
	defer time.AfterFunc(patience, l.stop).Stop()
	for l.events.Scan() {
		data, ok := strings.CutPrefix(l.events.Text(), "data: ")
		if !ok {
			continue
		}
		var event struct {
			Kind inbox.EventKind
			Data struct{ State string }
		}
		check(l.t, json.Unmarshal([]byte(data), &event))
		if event.Kind == kind && (state == "" || event.Data.State == state) {
			return
		}
	}
	l.t.Fatalf("never heard %s %s: %v", kind, state, l.events.Err())
}

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// event is one server-sent event.
type event struct {
	id, name string
	data     []byte
}

// stream is an open event stream.
type stream struct {
	path   string
	events chan event
}

// schemas are the contract's schemas of what a stream carries, by the event's
// name; "" is every other name.
type schemas map[string]string

var (
	agentEvents   = schemas{"": "Event"}
	visitorEvents = schemas{"message": "ChatMessage", "conversation": "ChatConversation"}
)

// listen opens a stream; after is the last event's id that was received, "" for
// none. It ends with the test.
func (c client) listen(t *testing.T, path, after string, carries schemas) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", c.authorization)
	if after != "" {
		request.Header.Set("Last-Event-ID", after)
	}
	response, err := (&http.Client{Transport: web.Transport}).Do(request)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("GET %s: answered %d as %s", path, response.StatusCode, response.Header.Get("Content-Type"))
	}
	s := &stream{path: path, events: make(chan event, 1000)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(s.events)
		defer response.Body.Close()
		s.read(bufio.NewScanner(response.Body), func(e event) {
			if err := carries.fits(e); err != nil {
				t.Errorf("GET %s: event breaks the contract: %v\n%s", path, err, e.data)
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return s
}

func (s *stream) read(lines *bufio.Scanner, check func(event)) {
	lines.Buffer(nil, 1<<20)
	var e event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = []byte(value)
		case "":
			if e.data != nil {
				check(e)
				s.events <- e
			}
			e = event{}
		}
	}
}

func (kinds schemas) fits(e event) error {
	name, ok := kinds[e.name]
	if !ok {
		name = kinds[""]
	}
	loaded, err := document()
	if err != nil {
		return err
	}
	schema := loaded.Components.Schemas[name]
	if schema == nil {
		return fmt.Errorf("there is no schema for event %q", e.name)
	}
	var value any
	if err := json.Unmarshal(e.data, &value); err != nil {
		return err
	}
	return schema.Value.VisitJSON(value, openapi3.VisitAsResponse())
}

// await returns the next event of a name, "" for all, that is the one,
// decoded.
func await[T any](t *testing.T, s *stream, name string, is func(value T) bool) (event, T) {
	t.Helper()
	patient := time.After(patience)
	for {
		select {
		case e, open := <-s.events:
			if !open {
				t.Fatalf("GET %s: the stream ended", s.path)
			}
			if name != "" && e.name != name {
				continue
			}
			if value := as[T](t, answer{body: e.data}); is(value) {
				return e, value
			}
		case <-patient:
			t.Fatalf("GET %s: no such event in %s", s.path, patience)
		}
	}
}

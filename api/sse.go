package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// writeTimeout disconnects a listener whose connection takes nothing any more.
const writeTimeout = 20 * time.Second

// beat is a comment, which clients ignore.
const beat = ":\n\n"

// eventStream answers a request with server-sent events.
type eventStream struct {
	// next waits for events as a Listener does.
	next func(ctx context.Context, patience time.Duration) ([]inbox.Event, error)
	// name and data of the event; "" leaves it out.
	render func(context.Context, inbox.Event) (name string, data any, err error)
	// heartbeat is how often a comment is sent; allowed is asked each time
	// whether the listener may stay, and with each also before every event.
	heartbeat time.Duration
	allowed   func(context.Context) bool
	each      bool
}

// serve writes events until the client leaves, the events end or the listener
// may not stay. The client reconnects with the last id it received.
func (s eventStream) serve(c *gin.Context) {
	c.Header("Content-Type", "text/event-stream")
	// Proxies must not wait for more.
	c.Header("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	ctx := c.Request.Context()
	due := time.Now().Add(s.heartbeat)
	for open := write(c, []byte(beat)); open; {
		events, err := s.next(ctx, time.Until(due))
		if err != nil {
			failed(c, err)
			return
		}
		if !time.Now().Before(due) {
			open = s.allowed(ctx) && write(c, []byte(beat))
			due = time.Now().Add(s.heartbeat)
		}
		for _, event := range events {
			open = open && (!s.each || s.allowed(ctx)) && s.send(c, event)
		}
	}
}

// send writes an event and reports whether the stream goes on.
func (s eventStream) send(c *gin.Context, event inbox.Event) bool {
	text, err := s.text(c.Request.Context(), event)
	if err != nil {
		failed(c, err)
		return false
	}
	return text == nil || write(c, text)
}

// failed leaves an error to the log, unless the client is to reconnect: the answer has
// begun.
func failed(c *gin.Context, err error) {
	if !errors.Is(err, errDisconnected) {
		_ = c.Error(err) // it returns what it was given
	}
}

func (s eventStream) text(ctx context.Context, event inbox.Event) ([]byte, error) {
	name, data, err := s.render(ctx, event)
	if err != nil || name == "" {
		return nil, err
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode event %d: %w", event.ID, err)
	}
	var text bytes.Buffer
	if event.ID != 0 { // what is not kept cannot be continued after
		fmt.Fprintf(&text, "id: %d\n", event.ID)
	}
	fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", name, encoded)
	return text.Bytes(), nil
}

func write(c *gin.Context, text []byte) bool {
	control := http.NewResponseController(c.Writer)
	if err := control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return false
	}
	if _, err := c.Writer.Write(text); err != nil {
		return false
	}
	return control.Flush() == nil
}

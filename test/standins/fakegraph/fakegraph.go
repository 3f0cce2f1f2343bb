// Package fakegraph is a mailbox behind Microsoft Graph for tests, since nobody
// else offers one: the mail part of v1.0, shaped by its documentation
// (learn.microsoft.com/graph/api/resources/message) and strict. What the
// documentation does not allow, or this package does not know, fails the test.
package fakegraph

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The mailbox's owner.
const (
	Address = "team@example.com"
	Name    = "Team"
)

// Token is what requests have to show, unless Accept says otherwise.
const Token = "fakegraph-token"

// Server is one mailbox.
type Server struct {
	// URL is the API's base, with the version.
	URL string

	t      testing.TB
	server *httptest.Server
	fault  atomic.Pointer[pending]

	mu       sync.Mutex
	accept   func(token string) bool
	pageSize int
	holding  bool
	messages map[string]*message
	// changes are what happened to folders, in order.
	changes []change
	deltas  map[string]delta
	uploads map[string]*upload
	clock   time.Time
	serial  int
	// subscriptions are whom it tells of new messages, by id.
	subscriptions map[string]*subscription
	teller        *http.Client
}

// Start runs a mailbox until the test ends.
func Start(t testing.TB) *Server {
	s := &Server{
		t:        t,
		accept:   func(token string) bool { return token == Token },
		pageSize: 500,
		messages: map[string]*message{},
		deltas:   map[string]delta{},
		uploads:  map[string]*upload{},

		subscriptions: map[string]*subscription{},
		teller:        http.DefaultClient,
	}
	s.server = httptest.NewServer(s.faulty(s.routes()))
	s.URL = s.server.URL + "/v1.0"
	t.Cleanup(s.server.Close)
	return s
}

// Stop takes the API off the network before the test ends.
func (s *Server) Stop() { s.server.Close() }

// Client returns an HTTP client that shows Token.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: bearer{http.DefaultTransport}}
}

type bearer struct{ next http.RoundTripper }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+Token)
	return b.next.RoundTrip(r)
}

// Accept has the API accept the tokens that f does.
func (s *Server) Accept(f func(token string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accept = f
}

// PageSize bounds the pages of delta, whatever the client prefers.
func (s *Server) PageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = n
}

// Hold leaves what is sent on its way, in the outbox.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Deliver puts a message into the inbox as if it had come, tells whoever subscribed,
// and returns its id.
func (s *Server) Deliver(raw []byte) string {
	m := s.deliver(raw)
	s.tell("created", "")
	return m.id
}

func (s *Server) deliver(raw []byte) *message {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.add(inboxFolder, raw)
	m.internetMessageID = m.header().Get("Message-Id")
	return m
}

// Delete takes a message away for good.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.messages[id])
}

// MarkRead changes a message without its being new.
func (s *Server) MarkRead(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages[id].isRead = true
	s.changed(s.messages[id], "")
}

// Move puts a message into another folder.
func (s *Server) Move(id, folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(s.messages[id], folder)
}

// Expire makes the API forget every link it gave.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.deltas)
}

// Find returns the id of the message with a bare Message-ID.
func (s *Server) Find(messageID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.internetMessageID == "<"+messageID+">" {
			return m.id
		}
	}
	s.t.Errorf("fakegraph: there is no message %s", messageID)
	return ""
}

// Message is a message as the mailbox shows it.
type Message struct {
	ID, ConversationID string
	Raw                []byte
	// Attachments are those that were added to the MIME message.
	Attachments []Attachment
}

// Attachment is a fileAttachment.
type Attachment struct {
	Name, ContentType string
	Data              []byte
}

// Message returns one message.
func (s *Server) Message(id string) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages[id].shown()
}

// Sent are the messages that left, in order.
func (s *Server) Sent() []Message { return s.list(sentFolder) }

// Drafts are the messages that lie there unsent.
func (s *Server) Drafts() []Message { return s.list(draftsFolder) }

func (s *Server) list(folder string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Message
	for _, m := range s.in(folder) {
		list = append(list, m.shown())
	}
	return list
}

// now is a time that no message has had.
func (s *Server) now() time.Time {
	now := time.Now().UTC().Truncate(time.Second)
	if !now.After(s.clock) {
		now = s.clock.Add(time.Second)
	}
	s.clock = now
	return now
}

// name returns a new opaque name.
func (s *Server) name(kind string) string {
	s.serial++
	return fmt.Sprintf("AAk%s%06d=", kind, s.serial)
}

package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// noon is when the tests' stories happen.
var noon = time.Date(2026, 11, 16, 12, 0, 0, 123456000, time.UTC)

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantCode fails the test when err has another code.
func wantCode(t *testing.T, err error, code inbox.Code) {
	t.Helper()
	if got := inbox.CodeOf(err); got != code {
		t.Fatalf("code %q (%v), want %q", got, err, code)
	}
}

// wantField fails the test when err does not blame the field.
func wantField(t *testing.T, err error, code inbox.Code, field string) {
	t.Helper()
	wantCode(t, err, code)
	if got := err.(*inbox.Error).Field; got != field {
		t.Fatalf("field %q, want %q", got, field)
	}
}

func newInbox(t *testing.T, s *store.Store) inbox.Inbox {
	t.Helper()
	return must(s.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"}))(t)
}

// newAgent stores an agent with a seat who is available.
func newAgent(t *testing.T, s *store.Store) inbox.Agent {
	t.Helper()
	return must(s.CreateAgent(t.Context(), inbox.Agent{
		Name: "Ada", Email: store.NewID() + "@company.test", Seat: true, Availability: inbox.Available,
	}))(t)
}

// newChannel stores a chat channel in an inbox of its own, after edit changed
// it.
func newChannel(t *testing.T, s *store.Store, edit ...func(*inbox.Channel)) inbox.Channel {
	t.Helper()
	channel := inbox.Channel{
		InboxID: newInbox(t, s).ID, Kind: inbox.KindChat, Name: "Website", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Settings: json.RawMessage(`{"colour":"#123456"}`),
	}
	for _, edit := range edit {
		edit(&channel)
	}
	return must(s.CreateChannel(t.Context(), channel))(t)
}

package intake_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/workflows"
)

// longAgo is when messages are written.
var longAgo = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// world is an intake over a fresh store, with a fake of the workflows.
type world struct {
	*intake.Service
	t             *testing.T
	store         *store.Store
	conversations *conversations
	channel       inbox.Channel
}

// forEachDatabase runs a test in parallel in a world on each database.
func forEachDatabase(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	t.Parallel()
	storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
		w := &world{t: t, store: s, conversations: &conversations{}}
		w.Service = intake.New(s, w.conversations, slog.New(slog.DiscardHandler))
		w.SweepAfter(-time.Hour) // what was stored just now, and what was put off
		w.TellWithin(time.Hour)  // however slow the database is
		support := must(s.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"}))(t)
		w.channel = must(s.CreateChannel(t.Context(), inbox.Channel{
			InboxID: support.ID, Kind: inbox.KindChat, Name: "Website", Enabled: true, State: inbox.ChannelConnected,
			Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		}))(t)
		test(t, w)
	})
}

// telling is one call to a conversation's workflow.
type telling struct {
	how       string
	ref       inbox.EpisodeRef
	cause     inbox.AssignmentCause
	messageID string
}

// conversations stands in for the workflows: it remembers what it was told.
type conversations struct {
	mu   sync.Mutex
	told []telling
	// answer says how a telling goes; nil is well.
	answer func(context.Context, telling) error
}

func (c *conversations) tell(ctx context.Context, told telling) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, told)
	if c.answer == nil {
		return nil
	}
	return c.answer(ctx, told)
}

func (c *conversations) Open(ctx context.Context, in workflows.ConversationInput) error {
	return c.tell(ctx, telling{"open", in.Ref, in.Cause, in.MessageID})
}

func (c *conversations) Message(ctx context.Context, in workflows.ConversationInput) error {
	return c.tell(ctx, telling{"message", in.Ref, in.Cause, in.MessageID})
}

func (c *conversations) Reply(ctx context.Context, ref inbox.EpisodeRef, messageID string) error {
	return c.tell(ctx, telling{how: "reply", ref: ref, messageID: messageID})
}

func (c *conversations) Call(ctx context.Context, ref inbox.EpisodeRef, callID string) error {
	return c.tell(ctx, telling{"call", ref, "", callID})
}

func (c *conversations) Window(ctx context.Context, ref inbox.EpisodeRef) error {
	return c.tell(ctx, telling{"window", ref, "", ""})
}

func (c *conversations) Nudge(ctx context.Context, ref inbox.EpisodeRef) error {
	return c.tell(ctx, telling{how: "nudge", ref: ref})
}

func (c *conversations) TakeUp(ctx context.Context, ref inbox.EpisodeRef) error {
	return c.tell(ctx, telling{how: "take up", ref: ref})
}

func (c *conversations) Transcript(ctx context.Context, noticeID string) error {
	return c.tell(ctx, telling{how: "transcript", messageID: noticeID})
}

// messages forgets and returns the ids of the messages told of.
func (c *conversations) messages() []string {
	ids := []string{}
	for _, told := range c.told {
		ids = append(ids, told.messageID)
	}
	c.told = nil
	return ids
}

// windows counts whom it told that the window moved since the last time, and
// forgets everything.
func (c *conversations) windows() int {
	count := 0
	for _, told := range c.told {
		if told.how == "window" {
			count++
		}
	}
	c.told = nil
	return count
}

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// inbound is a message of a thread, written long ago.
func (w *world) inbound(thread, id string) store.Inbound {
	return store.Inbound{
		Channel: w.channel, ThreadKey: thread, ProviderMessageID: id, Text: "Hello", At: longAgo,
		Sender: inbox.Sender{Identities: []inbox.Identity{inbox.CookieIdentity(thread)}},
	}
}

func (w *world) receives(in store.Inbound) store.Receipt {
	w.t.Helper()
	return must(w.Receive(w.t.Context(), in))(w.t)
}

// confirms is what a conversation's workflow does with a message.
func (w *world) confirms(messageID string) {
	w.t.Helper()
	require.NoError(w.t, w.store.MarkDispatched(w.t.Context(), messageID, longAgo))
}

func (w *world) undispatched() []string {
	w.t.Helper()
	ids := []string{}
	for _, message := range must(w.store.Undispatched(w.t.Context(), time.Now().Add(24*time.Hour), 100))(w.t) {
		ids = append(ids, message.MessageID)
	}
	return ids
}

func refOf(receipt store.Receipt) inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
}

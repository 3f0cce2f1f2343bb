// Package mailboxtest holds the statements that every mailbox client must keep.
package mailboxtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/mailbox"
)

// Mailbox is a mailbox on a server that the test owns.
type Mailbox struct {
	// Client returns a new client, as after a restart; the test closes it.
	Client func(t *testing.T) mailbox.Client
	// Deliver puts a message into the mailbox as if it had come.
	Deliver func(t *testing.T, raw []byte)
	// Delete takes the message with a Message-ID away for good.
	Delete func(t *testing.T, messageID string)
	// Expire makes the server forget every cursor it gave.
	Expire func(t *testing.T)
	// Reject makes the server refuse our credentials from now on.
	Reject func(t *testing.T)
	// Throttle makes the server ask us, once, to wait; nil when it has no such
	// words.
	Throttle func(t *testing.T, after time.Duration)
}

// Run checks a client. open returns a mailbox that no other test knows; it may
// hold messages already.
func Run(t *testing.T, open func(t *testing.T) Mailbox) {
	for name, statement := range map[string]func(*testing.T, *reader){
		"starts with what comes in from now on":           startsFromNow,
		"reads new mail once, whole and in order":         readsOnceInOrder,
		"reads the same again when the cursor was lost":   repeatsFromOldCursor,
		"goes on where another client stopped":            goesOnAfterRestart,
		"passes over what was deleted in between":         passesOverDeleted,
		"has nothing to say about a quiet mailbox":        staysQuiet,
		"finds what was missed when the cursor expired":   resyncs,
		"goes on with a resync after a restart":           resyncsAcrossRestarts,
		"says that it was rejected":                       saysRejected,
		"says for how long the provider wants to be left": saysThrottled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statement(t, &reader{t: t, box: open(t)})
		})
	}
}

func startsFromNow(t *testing.T, r *reader) {
	r.deliver("before@example.com")
	r.start()
	r.deliver("after@example.com")
	require.Equal(t, []string{"after@example.com"}, ids(t, r.read()))
}

func readsOnceInOrder(t *testing.T, r *reader) {
	r.start()
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprintf("%02d@example.com", i))
		r.deliver(want[i])
	}
	messages := r.read()
	require.Equal(t, want, ids(t, messages))
	known := map[string]bool{}
	for i, m := range messages {
		require.True(t, strings.HasSuffix(lines(m.Raw), lines(letter(want[i]))), "the message is not what was delivered")
		require.NotEmpty(t, m.ID)
		require.False(t, known[m.ID], "an id was given twice")
		known[m.ID] = true
		require.WithinDuration(t, time.Now(), m.ReceivedAt, time.Hour)
	}
	require.Empty(t, r.read())
}

func repeatsFromOldCursor(t *testing.T, r *reader) {
	r.start()
	cursor := r.cursor
	r.deliver("one@example.com")
	r.deliver("two@example.com")
	first := r.read()
	r.cursor = cursor
	require.Equal(t, first, r.read())
}

func goesOnAfterRestart(t *testing.T, r *reader) {
	r.start()
	r.deliver("one@example.com")
	require.Len(t, r.read(), 1)
	r.restart()
	r.deliver("two@example.com")
	require.Equal(t, []string{"two@example.com"}, ids(t, r.read()))
}

func passesOverDeleted(t *testing.T, r *reader) {
	r.start()
	r.deliver("kept@example.com")
	r.deliver("deleted@example.com")
	r.deliver("kept-too@example.com")
	r.box.Delete(t, "deleted@example.com")
	require.Equal(t, []string{"kept@example.com", "kept-too@example.com"}, ids(t, r.read()))
}

func staysQuiet(t *testing.T, r *reader) {
	r.start()
	for range 3 {
		require.Empty(t, r.read())
	}
	r.deliver("at-last@example.com")
	require.Equal(t, []string{"at-last@example.com"}, ids(t, r.read()))
}

func resyncs(t *testing.T, r *reader) {
	r.start()
	r.deliver("known@example.com")
	known := r.read()
	r.deliver("missed@example.com")
	r.box.Expire(t)
	r.deliver("missed-too@example.com")
	found := ids(t, r.read())
	require.True(t, r.resynced)
	require.Subset(t, found, []string{"missed@example.com", "missed-too@example.com"})
	require.Len(t, known, 1)

	r.resynced = false
	r.deliver("new@example.com")
	require.Equal(t, []string{"new@example.com"}, ids(t, r.read()))
	require.False(t, r.resynced)
}

func resyncsAcrossRestarts(t *testing.T, r *reader) {
	r.start()
	var missed []string
	for i := range 50 {
		missed = append(missed, fmt.Sprintf("%02d@example.com", i))
		r.deliver(missed[i])
	}
	r.box.Expire(t)
	r.restarting = true
	require.Subset(t, ids(t, r.read()), missed)
	require.True(t, r.resynced)
}

func saysRejected(t *testing.T, r *reader) {
	r.start()
	r.box.Reject(t)
	// A client may go on for as long as what it was given before is valid.
	r.restart()
	_, err := r.client().Read(t.Context(), r.cursor)
	require.ErrorIs(t, err, mailbox.ErrRejected)
}

func saysThrottled(t *testing.T, r *reader) {
	if r.box.Throttle == nil {
		t.Skip("the provider does not throttle in words")
	}
	r.start()
	r.deliver("waiting@example.com")
	r.box.Throttle(t, 7*time.Second)
	_, err := r.client().Read(t.Context(), r.cursor)
	var throttled *mailbox.Throttled
	require.ErrorAs(t, err, &throttled)
	require.Equal(t, 7*time.Second, throttled.After)
	require.Equal(t, []string{"waiting@example.com"}, ids(t, r.read()))
}

// reader reads a mailbox as its caller does.
type reader struct {
	t      *testing.T
	box    Mailbox
	opened mailbox.Client
	cursor string
	// resynced is set when a batch said so.
	resynced bool
	// restarting takes another client for each page.
	restarting bool
}

func (r *reader) client() mailbox.Client {
	if r.opened == nil {
		opened := r.box.Client(r.t)
		r.opened = opened
		r.t.Cleanup(func() { require.NoError(r.t, opened.Close()) })
	}
	return r.opened
}

func (r *reader) restart() { r.opened = nil }

// start begins with an empty cursor and expects nothing.
func (r *reader) start() {
	r.t.Helper()
	require.Empty(r.t, r.read())
	require.NotEmpty(r.t, r.cursor)
}

// read reads to the end.
func (r *reader) read() []mailbox.Message {
	r.t.Helper()
	var messages []mailbox.Message
	for range 1000 {
		batch, err := r.client().Read(r.t.Context(), r.cursor)
		require.NoError(r.t, err)
		messages = append(messages, batch.Messages...)
		r.cursor = batch.Cursor
		r.resynced = r.resynced || batch.Resynced
		if !batch.More {
			return messages
		}
		if r.restarting {
			r.restart()
		}
	}
	r.t.Fatal("reading comes to no end")
	return nil
}

func (r *reader) deliver(messageID string) { r.box.Deliver(r.t, letter(messageID)) }

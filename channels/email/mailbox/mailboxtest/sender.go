package mailboxtest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
)

// Outbox is a mailbox on a server that the test owns, for a client that sends.
type Outbox struct {
	// Sender returns a new client, as after a restart.
	Sender func(t *testing.T) mailbox.Sender
	// Deliver puts a message into the mailbox as if it had come.
	Deliver func(t *testing.T, raw []byte)
	// Left are the messages that the server sent to their recipients, and the
	// thread in which the mailbox shows each.
	Left func(t *testing.T) []Left
	// ThreadOf is the thread of the message with a Message-ID.
	ThreadOf func(t *testing.T, messageID string) string
	// Answer has the next request to send answered with a status, nothing done.
	Answer func(status int, header http.Header)
	// Break has the next request to send carried out and not answered.
	Break func()
	// Reject makes the server refuse our credentials from now on.
	Reject func(t *testing.T)
	// Stop ends the server.
	Stop func()
}

// Left is a message that a server sent.
type Left struct {
	Raw    []byte
	Thread string
}

// RunSender checks a client that sends. open returns a mailbox that no other
// test knows.
func RunSender(t *testing.T, open func(t *testing.T) Outbox) {
	for name, statement := range map[string]func(*testing.T, Outbox){
		"sends a message as it was composed":              sendsAsComposed,
		"keeps an answer in its thread":                   keepsThread,
		"sends without a thread that is unknown":          sendsWithoutThread,
		"finds what it sent, and only that":               findsWhatItSent,
		"does not know what a broken connection did":      doesNotKnowBroken,
		"says of each refusal whether it was sent":        tellsRefusals,
		"says that it was rejected":                       sendingSaysRejected,
		"knows that nothing left when the server is away": knowsNothingLeft,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statement(t, open(t))
		})
	}
}

func sendsAsComposed(t *testing.T, box Outbox) {
	accepted, err := box.Sender(t).Send(t.Context(), composed("one@switchboard.example", ""))
	require.NoError(t, err)
	require.NotEmpty(t, accepted.ID)

	left := box.Left(t)
	require.Len(t, left, 1)
	sent := parse(t, left[0].Raw)
	want := parse(t, composed("one@switchboard.example", "").Raw)
	for _, name := range []string{"From", "To", "Subject"} {
		require.Equal(t, want.header.Get(name), sent.header.Get(name), name)
	}
	require.Equal(t, want.body, sent.body)
	require.Equal(t, bare(sent.header.Get("Message-Id")), accepted.MessageID, "recipients answer to another Message-ID")
}

func keepsThread(t *testing.T, box Outbox) {
	box.Deliver(t, letter("question@example.com"))
	_, err := box.Sender(t).Send(t.Context(), composed("answer@switchboard.example", "question@example.com"))
	require.NoError(t, err)
	left := box.Left(t)
	require.Len(t, left, 1)
	require.Equal(t, box.ThreadOf(t, "question@example.com"), left[0].Thread)
	require.Equal(t, "<question@example.com>", parse(t, left[0].Raw).header.Get("In-Reply-To"))
}

func sendsWithoutThread(t *testing.T, box Outbox) {
	_, err := box.Sender(t).Send(t.Context(), composed("answer@switchboard.example", "elsewhere@example.com"))
	require.NoError(t, err)
	left := box.Left(t)
	require.Len(t, left, 1)
	require.Equal(t, "<elsewhere@example.com>", parse(t, left[0].Raw).header.Get("In-Reply-To"))
}

func findsWhatItSent(t *testing.T, box Outbox) {
	first := composed("one@switchboard.example", "")
	accepted, err := box.Sender(t).Send(t.Context(), first)
	require.NoError(t, err)
	for range 3 {
		_, err := box.Sender(t).Send(t.Context(), composed("other@switchboard.example", ""))
		require.NoError(t, err)
	}
	again, found, err := box.Sender(t).Sent(t.Context(), first)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, accepted, again)

	_, found, err = box.Sender(t).Sent(t.Context(), composed("never@switchboard.example", ""))
	require.NoError(t, err)
	require.False(t, found)
}

func doesNotKnowBroken(t *testing.T, box Outbox) {
	out := composed("one@switchboard.example", "")
	box.Break()
	_, err := box.Sender(t).Send(t.Context(), out)
	require.Equal(t, channels.Unknown, sendError(t, err).Outcome)
	require.Len(t, box.Left(t), 1)

	_, found, err := box.Sender(t).Sent(t.Context(), out)
	require.NoError(t, err)
	require.True(t, found)
}

func tellsRefusals(t *testing.T, box Outbox) {
	sender := box.Sender(t)
	out := composed("one@switchboard.example", "")
	for _, c := range []struct {
		status     int
		retryAfter string
		want       channels.Outcome
		after      time.Duration
	}{
		{status: http.StatusBadRequest, want: channels.Final},
		{status: http.StatusRequestEntityTooLarge, want: channels.Final},
		{status: http.StatusForbidden, want: channels.Final},
		{status: http.StatusUnauthorized, want: channels.Retry},
		{status: http.StatusTooManyRequests, want: channels.Retry},
		{status: http.StatusTooManyRequests, retryAfter: "9", want: channels.Retry, after: 9 * time.Second},
		{status: http.StatusServiceUnavailable, retryAfter: "9", want: channels.Retry, after: 9 * time.Second},
		{status: http.StatusInternalServerError, want: channels.Unknown},
		{status: http.StatusServiceUnavailable, want: channels.Unknown},
	} {
		header := http.Header{}
		if c.retryAfter != "" {
			header.Set("Retry-After", c.retryAfter)
		}
		box.Answer(c.status, header)
		_, err := sender.Send(t.Context(), out)
		require.Equal(t, c.want, sendError(t, err).Outcome, "%d", c.status)
		require.Equal(t, c.after, sendError(t, err).RetryAfter, "%d", c.status)
	}
	require.Empty(t, box.Left(t))
	_, err := sender.Send(t.Context(), out)
	require.NoError(t, err)
	require.Len(t, box.Left(t), 1)
}

func sendingSaysRejected(t *testing.T, box Outbox) {
	box.Reject(t)
	_, err := box.Sender(t).Send(t.Context(), composed("one@switchboard.example", ""))
	require.Equal(t, channels.Retry, sendError(t, err).Outcome)
	require.ErrorIs(t, err, mailbox.ErrRejected)
}

func knowsNothingLeft(t *testing.T, box Outbox) {
	sender := box.Sender(t)
	box.Stop()
	_, err := sender.Send(t.Context(), composed("one@switchboard.example", ""))
	require.Equal(t, channels.Retry, sendError(t, err).Outcome)
}

func sendError(t *testing.T, err error) *channels.SendError {
	t.Helper()
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok, "%v is not a SendError", err)
	return failed
}

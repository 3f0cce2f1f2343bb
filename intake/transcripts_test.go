package intake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
)

func (w *world) asksForCopy(ref inbox.EpisodeRef, address string) (again time.Time) {
	w.t.Helper()
	return must(w.Transcript(w.t.Context(), inbox.Transcript{Episode: ref, Address: address, At: time.Now().UTC()}))(w.t)
}

// chatted receives a message of a thread and has an agent answer it.
func (w *world) chatted(thread string) inbox.EpisodeRef {
	w.t.Helper()
	receipt := w.receives(w.inbound(thread, thread))
	w.confirms(receipt.MessageID)
	reply, _, err := w.store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: receipt.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}, Text: "Good morning", CreatedAt: longAgo,
	})
	require.NoError(w.t, err)
	w.confirms(reply.ID)
	require.NoError(w.t, w.store.SetMessageState(w.t.Context(), reply.ID, inbox.MessageSent, "", longAgo))
	w.conversations.messages()
	return refOf(receipt)
}

func TestATranscriptIsStoredAndItsWorkflowStarted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.chatted("t")
		require.Zero(t, w.asksForCopy(ref, " Grace@Contact.test"))
		require.Len(t, w.conversations.told, 1)
		mail, ok, err := w.store.ClaimNotice(t.Context(), w.conversations.told[0].messageID, time.Now())
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []string{"grace@contact.test"}, mail.To)
		require.Equal(t, inbox.NoticeTranscript, mail.Notice.Kind)
	})
}

func TestATranscriptWhoseWorkflowCouldNotBeStartedIsStartedByTheSweep(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.chatted("t")
		w.conversations.answer = func(context.Context, telling) error { return errors.New("Temporal is away") }
		require.Zero(t, w.asksForCopy(ref, "grace@contact.test"))
		id := w.conversations.messages()[0]
		w.conversations.answer = nil
		swept := must(w.Sweep(t.Context()))(t)
		require.Equal(t, 1, swept.Transcripts)
		require.Equal(t, []string{id}, w.conversations.messages())
		_, _, err := w.store.ClaimNotice(t.Context(), id, time.Now())
		require.NoError(t, err)
		require.Zero(t, must(w.Sweep(t.Context()))(t).Transcripts, "one that is being mailed")
	})
}

func TestAnAddressGetsFewTranscriptsHoweverItIsWritten(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		for i, address := range []string{"a@x.test", "A@x.test", "a@X.test", " a@x.test", "a@x.TEST"} {
			ref := w.chatted(address)
			require.Zero(t, w.asksForCopy(ref, address), i)
		}
		ref := w.chatted("another")
		require.True(t, w.asksForCopy(ref, "a@x.test").After(time.Now()))
		require.Empty(t, w.conversations.messages())
		require.Zero(t, w.asksForCopy(ref, "b@x.test"))
	})
}

package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/routing"
)

func (w *world) transcript(ref inbox.EpisodeRef) (noticeID string) {
	w.t.Helper()
	notice, _, err := w.Store.PlanTranscript(w.t.Context(), inbox.Transcript{Episode: ref, Address: "grace@home.test", AskedBy: w.agent.ID, At: w.now}, routing.MailTranscript)
	require.NoError(w.t, err)
	return notice.ID
}

func TestATranscriptIsMailedOnceAndMarkedAutomatic(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.transcript(w.arrives(w.channel(inbox.KindChat)))
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Len(t, w.mailbox.mails, 1)
		sent := w.mailbox.mails[0]
		require.Equal(t, "grace@home.test", sent.To)
		require.True(t, sent.Automatic)
		require.Contains(t, sent.Text, "It does not shine.")
		require.Empty(t, sent.From, "without one of the channel's own")
	})
}

func TestATranscriptThatTheMailServerRefusesForDaysFails(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.transcript(w.arrives(w.channel(inbox.KindChat)))
		w.mailbox.answer = func(mail.Mail) error { return refusedFor(channels.Retry) }
		_, err := w.SendNotice(t.Context(), id)
		wantRetry(t, err)
		w.now = w.now.Add(71 * time.Hour)
		require.Equal(t, inbox.NoticeFailed, w.tells(id))
	})
}

func TestNothingOfAnErasedContactIsMailed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		contact := must(w.ResolveContact(t.Context(), ref))(t).ContactID
		id := w.transcript(ref)
		require.NoError(t, w.Store.EraseContact(t.Context(), contact))
		require.Equal(t, inbox.NoticeFailed, w.tells(id))
		require.Empty(t, w.mailbox.mails)
	})
}

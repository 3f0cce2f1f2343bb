package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
)

func (w *world) warns(ref inbox.EpisodeRef) activities.Warned {
	w.t.Helper()
	return must(w.WarnWindow(w.t.Context(), ref))(w.t)
}

func TestTheAssigneeIsToldOnceForEachWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindMessenger, w.agent)
		ref := w.arrives(channel, wroteBefore(0))
		w.assigns(ref, inbox.CauseNew)
		require.Equal(t, noon.Add(23*time.Hour), must(w.ResolveContact(t.Context(), ref))(t).WarnAt)
		require.Equal(t, activities.Warned{WarnAt: noon.Add(23 * time.Hour), WindowCloses: noon.Add(24 * time.Hour)}, w.warns(ref), "too early")

		w.now = noon.Add(23 * time.Hour)
		first := w.warns(ref)
		require.Len(t, first.NoticeIDs, 1)
		require.Equal(t, noon.Add(7*24*time.Hour-time.Hour), first.WarnAt)
		must(w.SendNotice(t.Context(), first.NoticeIDs[0]))(t)
		require.Equal(t, []string{w.agent.Email}, w.mailbox.recipients())
		require.Contains(t, w.mailbox.mails[0].Subject, "can soon be answered no more")
		require.Empty(t, w.warns(ref).NoticeIDs, "told twice")

		w.now = first.WarnAt
		last := w.warns(ref)
		require.Len(t, last.NoticeIDs, 1)
		require.Zero(t, last.WarnAt)
		w.now = noon.Add(7 * 24 * time.Hour)
		require.Empty(t, w.warns(ref).NoticeIDs, "it is over")
	})
}

func TestNobodyIsToldOfAnAnsweredConversationOrOneWithoutAWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		answered := w.arrives(w.channel(inbox.KindMessenger), wroteBefore(23*time.Hour))
		require.NotEmpty(t, w.warns(answered).NoticeIDs, "nobody has it: the admins are told")
		w.answers(answered, automation)
		require.False(t, w.warns(answered).WarnAt.IsZero(), "automation is no answer")
		id := w.answers(answered, w.byAgent())
		require.Zero(t, w.warns(answered).WarnAt)
		require.Empty(t, w.warns(answered).NoticeIDs)
		require.NoError(t, w.FailMessage(t.Context(), id))
		require.False(t, w.warns(answered).WarnAt.IsZero(), "what did not arrive is no answer")

		chat := w.arrives(w.channel(inbox.KindChat))
		require.Zero(t, must(w.ResolveContact(t.Context(), chat))(t).WarnAt)
		require.Empty(t, w.warns(chat).NoticeIDs)
	})
}

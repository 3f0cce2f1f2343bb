package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func TestTranscriptsAskedForAtOnceKeepTheLimit(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		ref := writes(t, pair[0], newChannel(t, pair[0]), "Grace", graceMail)
		var passed atomic.Int32
		inParallel(pair, make([]int, 16), func(s *store.Store, _ int) {
			notice, again, err := s.PlanTranscript(t.Context(), inbox.Transcript{Episode: ref, Address: "grace@contact.test", At: noon}, answered)
			if err != nil || again.IsZero() == (notice.ID == "") {
				t.Errorf("planned %+v, again %v, %v", notice, again, err)
			}
			if again.IsZero() {
				passed.Add(1)
			}
		})
		if passed.Load() != 5 {
			t.Errorf("%d passed", passed.Load())
		}
	})
}

// answered is the rule in a conversation in which an agent has answered.
func answered(q inbox.TranscriptQuestion) (time.Time, error) {
	q.Answered = true
	return routing.MailTranscript(q)
}

// transcribe plans a transcript that nothing forbids.
func transcribe(t *testing.T, s *store.Store, ref inbox.EpisodeRef, askedBy string) inbox.Notice {
	t.Helper()
	notice, _, err := s.PlanTranscript(t.Context(), inbox.Transcript{Episode: ref, Address: "grace@elsewhere.test", AskedBy: askedBy, At: noon},
		func(inbox.TranscriptQuestion) (time.Time, error) { return time.Time{}, nil })
	require.NoError(t, err)
	return notice
}

func TestTheTimelineTellsOfATranscriptAndWhoAskedForIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent := newAgent(t, s)
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		notice := transcribe(t, s, ref, agent.ID)
		mail, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []string{"grace@elsewhere.test"}, mail.To)
		require.NoError(t, s.FinishNotice(t.Context(), notice.ID, inbox.NoticeSent, "", noon))
		events := must2(s.Timeline(t.Context(), ref.ConversationID, store.Page{}))(t)
		last := events[len(events)-1]
		require.Equal(t, inbox.EventTranscriptSent, last.Kind)
		require.Contains(t, string(last.Data), agent.ID)
		require.NotContains(t, string(last.Data), "elsewhere.test")
	})
}

func TestNoTranscriptOfAnErasedContactIsMailed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		contact := must(s.ResolveContact(t.Context(), ref))(t).ContactID
		notice := transcribe(t, s, ref, "")
		require.NoError(t, s.EraseContact(t.Context(), contact))
		mail, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, mail.To)
		require.Empty(t, mail.Notice.Address)
	})
}

func TestTheLastMessagesAreOldestFirstAndTellOfEarlierOnes(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		ref := writes(t, s, channel, "Grace", graceMail)
		conversation := must(s.Conversation(t.Context(), ref.ConversationID))(t)
		must(s.Receive(t.Context(), store.Inbound{
			Channel: channel, ThreadKey: conversation.ThreadKey, ProviderMessageID: store.NewID(), Text: "Still there?", At: noon,
		}))(t)
		for _, limit := range []int{1, 2, 3} {
			messages, more, err := s.LastMessages(t.Context(), ref.ConversationID, limit)
			require.NoError(t, err)
			all := must(s.MessagesAfter(t.Context(), ref.ConversationID, "", 10))(t)
			require.Len(t, all, 2)
			require.Equal(t, limit < 2, more)
			require.Equal(t, all[len(all)-len(messages):], messages)
		}
	})
}

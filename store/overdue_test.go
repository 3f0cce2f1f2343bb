package store_test

import (
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// hands has an agent answer, and a workflow take the answer in hand at a time.
func hands(t *testing.T, s *store.Store, ref inbox.EpisodeRef, at time.Time) string {
	t.Helper()
	answer, _, err := s.CreateReply(t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: newAgent(t, s).ID},
		Text: "Try another bulb.", CreatedAt: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	store.Exec(t, s, "UPDATE messages SET next_try_at = ? WHERE id = ?", at.Format("2006-01-02 15:04:05.000000Z"), answer.ID)
	if err := s.MarkDispatched(t.Context(), answer.ID, at); err != nil {
		t.Fatal(err)
	}
	return answer.ID
}

func TestConversationsWhoseAnswersNothingTriesAreOverdueLongestFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		overdue := func(at time.Time, want ...inbox.EpisodeRef) {
			t.Helper()
			if got := must(s.Overdue(ctx, at, 10))(t); !slices.Equal(got, want) {
				t.Errorf("overdue %v, want %v", got, want)
			}
		}
		late, later := writes(t, s, channel, "Grace", graceMail), writes(t, s, channel, "Grace", graceMail)
		second := hands(t, s, later, noon.Add(time.Minute))
		for range 2 {
			hands(t, s, late, noon)
		}
		sent := hands(t, s, writes(t, s, channel, "Grace", graceMail), noon)
		if err := s.MarkSent(ctx, sent, "", noon); err != nil {
			t.Fatal(err)
		}
		overdue(noon)
		overdue(noon.Add(time.Hour), late, later)
		if got := must(s.Overdue(ctx, noon.Add(time.Hour), 1))(t); !slices.Equal(got, []inbox.EpisodeRef{late}) {
			t.Errorf("the first is %v", got)
		}

		// One that is being tried, and all that wait behind it, are left alone.
		if err := s.PutOffAnswers(ctx, late.ConversationID, noon.Add(30*time.Minute)); err != nil {
			t.Fatal(err)
		}
		overdue(noon.Add(30*time.Minute), later)
		overdue(noon.Add(time.Hour), later, late)
		// One that a try died with, too, has to be looked after.
		must(s.ClaimMessage(ctx, second, noon.Add(2*time.Minute)))(t)
		overdue(noon.Add(time.Hour), later, late)
		if err := s.SetMessageState(ctx, second, inbox.MessageUnknown, inbox.CodeDeliveryUnknown, noon); err != nil {
			t.Fatal(err)
		}
		overdue(noon.Add(time.Hour), late)
	})
}

func TestAnAnswerThatNoWorkflowKnowsOfIsNotOverdue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		id := hands(t, s, ref, time.Now())
		store.Exec(t, s, "UPDATE messages SET dispatched_at = NULL WHERE id = ?", id)
		if got := must(s.Overdue(t.Context(), time.Now().Add(time.Hour), 10))(t); len(got) != 0 {
			t.Errorf("overdue %v", got)
		}
	})
}

func TestNoticesThatNothingTriesMakeTheirConversationOverdue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		transcribe(t, s, ref, "")
		notice, _, err := s.PlanNotice(ctx, inbox.Notice{Kind: inbox.NoticeOffline, Episode: ref, AgentID: newAgent(t, s).ID, CreatedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		isOverdue := func(at time.Time, want bool) {
			t.Helper()
			got := must(s.Overdue(ctx, at, 10))(t)
			if want != slices.Equal(got, []inbox.EpisodeRef{ref}) || !want && len(got) > 0 {
				t.Errorf("at %v overdue %v", at, got)
			}
		}
		isOverdue(noon, false)
		isOverdue(noon.Add(time.Second), true)
		if got := must(s.NoticesUnderWay(ctx, ref.ConversationID))(t); !slices.Equal(got, []string{notice.ID}) {
			t.Errorf("under way %v", got)
		}
		if _, ok, err := s.ClaimNotice(ctx, notice.ID, noon.Add(time.Minute)); err != nil || !ok {
			t.Fatal(ok, err)
		}
		isOverdue(noon.Add(time.Minute), false)
		isOverdue(noon.Add(time.Hour), true)
		if err := s.OverdueTold(ctx, ref.ConversationID, noon.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		isOverdue(noon.Add(time.Hour), false)
		isOverdue(noon.Add(3*time.Hour), true)
		if err := s.FinishNotice(ctx, notice.ID, inbox.NoticeSent, "", noon); err != nil {
			t.Fatal(err)
		}
		isOverdue(noon.Add(24*time.Hour), false)
	})
}

func TestWhatIsUnderWayIsInTheOrderOfTheThread(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		var want []string
		for i := range 3 {
			want = append(want, hands(t, s, ref, noon.Add(-time.Duration(i)*time.Minute)))
		}
		must(s.ClaimMessage(t.Context(), want[1], noon))(t)
		if got := must(s.AnswersUnderWay(t.Context(), ref.ConversationID))(t); !slices.Equal(got, want) {
			t.Errorf("under way %v, want %v", got, want)
		}
	})
}

func TestADeadlineThatPassedMakesItsConversationOverdueUntilItIsTold(t *testing.T) {
	for deadline, runs := range map[string]func(*testing.T, *store.Store) inbox.EpisodeRef{
		"a snooze": func(t *testing.T, s *store.Store) inbox.EpisodeRef {
			ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
			must(s.Snooze(t.Context(), ref, noon.Add(time.Minute), inbox.Author{}, noon))(t)
			return ref
		},
		"an assignee's time to answer": func(t *testing.T, s *store.Store) inbox.EpisodeRef {
			ref, _ := newDesk(t, s, []int{1}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 }).routes(t, noon)
			return ref
		},
		"a contact's time to answer a chatflow": func(t *testing.T, s *store.Store) inbox.EpisodeRef {
			channel := newChannel(t, s)
			newActiveFlow(t, s, askEmail(channel))
			ref := inbox.EpisodeRef{ConversationID: contactSays(t, s, channel, "1", "hi").ConversationID, Episode: 1}
			turn(t, s, ref, "")
			return ref
		},
	} {
		t.Run(deadline, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, s *store.Store) {
				ctx, ref := t.Context(), runs(t, s)
				isOverdue := func(at time.Time, want bool) {
					t.Helper()
					got := must(s.Overdue(ctx, at, 10))(t)
					if want != slices.Equal(got, []inbox.EpisodeRef{ref}) || !want && len(got) > 0 {
						t.Errorf("at %v overdue %v", at, got)
					}
				}
				isOverdue(noon.Add(time.Minute), false)
				isOverdue(noon.Add(2*time.Minute), true)
				if err := s.OverdueTold(ctx, ref.ConversationID, noon.Add(10*time.Minute)); err != nil {
					t.Fatal(err)
				}
				isOverdue(noon.Add(10*time.Minute), false)
				isOverdue(noon.Add(11*time.Minute), true)
				if _, err := s.CloseEpisode(ctx, ref, inbox.Author{}, noon, "test"); err != nil {
					t.Fatal(err)
				}
				isOverdue(noon.Add(time.Hour), false)
			})
		})
	}
}

func TestTheAssigneesClockRunsFromTheMessageToTheAnswer(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 })
		ref, got := d.routes(t, noon)
		// A workflow that was lost and begins again asks once more.
		answerBy := func() time.Time {
			return d.assigns(t, ref, inbox.CauseRetry, noon.Add(time.Hour)).AnswerBy
		}
		writes := func(at time.Time) {
			t.Helper()
			next := must(s.Receive(t.Context(), store.Inbound{
				Channel: d.channel, ThreadKey: d.conversation(t, ref).ThreadKey, ProviderMessageID: store.NewID(), Text: "Still there?", At: at,
			}))(t)
			must(s.TakeMessage(t.Context(), ref, next.MessageID, at))(t)
		}
		writes(noon.Add(time.Second))
		if at := answerBy(); !at.Equal(noon.Add(time.Minute)) || !at.Equal(got.AnswerBy) {
			t.Errorf("a second message moved the deadline to %v", at)
		}
		_, err := s.TakeByAnswer(t.Context(), inbox.Message{
			ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: d.agents[0].ID},
		}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if at := answerBy(); !at.IsZero() {
			t.Errorf("the answered conversation is to be answered by %v", at)
		}
		writes(noon.Add(10 * time.Minute))
		if at := answerBy(); !at.Equal(noon.Add(11 * time.Minute)) {
			t.Errorf("what came after the answer is to be answered by %v", at)
		}
	})
}

package store_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestANoticeIsPlannedOnceForAnEpisodeAndRecipient(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		agent := newAgent(t, s)
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		notice := inbox.Notice{Kind: inbox.NoticeOffline, Episode: ref, AgentID: agent.ID, CreatedAt: noon}
		var made atomic.Int32
		inParallel(pair, make([]int, 16), func(s *store.Store, _ int) {
			planned, created, err := s.PlanNotice(t.Context(), notice)
			if err != nil || planned.ID == "" || planned.State != inbox.NoticePending || planned.MessageID == "" {
				t.Errorf("planned %+v, %v", planned, err)
			}
			if created {
				made.Add(1)
			}
		})
		if made.Load() != 1 || store.CountRows(t, s, "notices") != 1 {
			t.Errorf("created %d times, %d rows", made.Load(), store.CountRows(t, s, "notices"))
		}
		notice.Episode.Episode++
		if _, created, err := s.PlanNotice(t.Context(), notice); err != nil || !created {
			t.Errorf("in the next episode: created %t, %v", created, err)
		}
	})
}

func TestATeamIsToldOfNobodyOnceIn15Minutes(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		channel := newChannel(t, s)
		tell := func(s *store.Store, ref inbox.EpisodeRef, teamID string, at time.Time) bool {
			planned, created, err := s.PlanNotice(t.Context(), inbox.Notice{
				Kind: inbox.NoticeNobody, Episode: ref, TeamID: teamID, CreatedAt: at,
			})
			if err != nil || created != (planned.ID != "") {
				t.Errorf("planned %+v, created %t, %v", planned, created, err)
			}
			return created
		}
		var refs []inbox.EpisodeRef
		for range 16 {
			refs = append(refs, writes(t, s, channel, "Grace", graceMail))
		}
		for _, teamID := range []string{"first", "second", "third", ""} {
			var told atomic.Int32
			inParallel(pair, refs, func(s *store.Store, ref inbox.EpisodeRef) {
				if tell(s, ref, teamID, noon) {
					told.Add(1)
				}
			})
			if told.Load() != 1 {
				t.Errorf("told %d times", told.Load())
			}
		}
		if !tell(s, writes(t, s, channel, "Grace"), "first", noon.Add(15*time.Minute)) {
			t.Error("not told after 15 minutes")
		}
	})
}

func planned(t *testing.T, s *store.Store, notice inbox.Notice) inbox.Notice {
	t.Helper()
	notice.Episode, notice.CreatedAt = writes(t, s, newChannel(t, s), "Grace"), noon
	notice, created, err := s.PlanNotice(t.Context(), notice)
	if err != nil || !created {
		t.Fatalf("created %t, %v", created, err)
	}
	return notice
}

func TestANoticeIsMailedAtMostOnce(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		notice := planned(t, s, inbox.Notice{Kind: inbox.NoticeOffline, AgentID: newAgent(t, s).ID})
		var mailed atomic.Int32
		inParallel(pair, make([]int, 16), func(s *store.Store, _ int) {
			_, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
			if err != nil {
				t.Error(err)
			}
			if ok {
				mailed.Add(1)
			}
		})
		if mailed.Load() != 1 {
			t.Errorf("mailed %d times", mailed.Load())
		}
	})
}

func TestANoticeIsUnknownAfterACrashWhileItWasMailed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		notice := planned(t, s, inbox.Notice{Kind: inbox.NoticeOffline, AgentID: newAgent(t, s).ID})
		for i, want := range []inbox.NoticeState{inbox.NoticeSending, inbox.NoticeUnknown, inbox.NoticeUnknown} {
			mail, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
			if err != nil || ok != (i == 0) || mail.Notice.State != want {
				t.Errorf("claim %d: %t, state %s, %v", i+1, ok, mail.Notice.State, err)
			}
		}
	})
}

func TestARefusedNoticeIsMailedAgainAndASentOneIsNot(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent := newAgent(t, s)
		notice := planned(t, s, inbox.Notice{Kind: inbox.NoticeOffline, AgentID: agent.ID})
		finish := func(state inbox.NoticeState, code inbox.Code) {
			if err := s.FinishNotice(t.Context(), notice.ID, state, code, noon); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []bool{true, true, false} {
			mail, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
			if err != nil || ok != want {
				t.Fatalf("claim %d: %t, %v", i, ok, err)
			}
			switch i {
			case 0:
				if !slices.Equal(mail.To, []string{agent.Email}) || mail.Conversation.ID != notice.Episode.ConversationID {
					t.Errorf("mail %+v", mail)
				}
				finish(inbox.NoticePending, inbox.CodeUnavailable)
			case 1:
				finish(inbox.NoticeSent, "")
				finish(inbox.NoticePending, "") // too late
			}
		}
		kinds := eventKinds(t, s)
		if !slices.Contains(kinds, inbox.EventNoticeSent) || slices.Contains(kinds, inbox.EventNoticeFailed) {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestWhoIsToldThatNobodyIsEligible(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		newAgent(t, s)
		admin := must(s.CreateAgent(t.Context(), inbox.Agent{Name: "Root", Email: "root@company.test", Admin: true}))(t)
		alerted := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Alerted", AlertEmail: "alert@company.test"}))(t)
		silent := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Silent"}))(t)
		for teamID, want := range map[string]string{alerted.ID: "alert@company.test", silent.ID: admin.Email, "": admin.Email} {
			notice := planned(t, s, inbox.Notice{Kind: inbox.NoticeNobody, TeamID: teamID})
			mail, ok, err := s.ClaimNotice(t.Context(), notice.ID, noon)
			if err != nil || !ok || !slices.Equal(mail.To, []string{want}) {
				t.Errorf("to %v, %t, %v; want %s", mail.To, ok, err, want)
			}
		}
	})
}

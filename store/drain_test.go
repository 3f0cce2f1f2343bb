package store_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func TestANewerConversationNeverOvertakesAnOlderOne(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		d.is(t, d.agents[0].ID, inbox.Away)
		older, _ := d.routes(t, noon)
		d.is(t, d.agents[0].ID, inbox.Available) // and no drain has run yet

		newer, got := d.routes(t, noon.Add(time.Minute))
		if got.Status != inbox.StatusWaiting || !slices.Equal(got.Nudge, []inbox.EpisodeRef{older}) {
			t.Fatalf("assigned %+v", got)
		}
		if d.conversation(t, older).AssigneeID != d.agents[0].ID || d.conversation(t, newer).AssigneeID != "" {
			t.Error("the newer one overtook")
		}
	})
}

func TestANewConversationServesAllWhoWaitBeforeIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{4})
		d.is(t, d.agents[0].ID, inbox.Away)
		var older []inbox.EpisodeRef
		for i := range 3 {
			ref, _ := d.routes(t, noon.Add(time.Duration(i)*time.Second))
			older = append(older, ref)
		}
		d.is(t, d.agents[0].ID, inbox.Available)
		newer, got := d.routes(t, noon.Add(time.Minute))
		if !slices.Equal(got.Nudge, older) || got.Decision.AssigneeID != d.agents[0].ID {
			t.Fatalf("assigned %+v", got)
		}
		if order := d.assignmentOrder(t); !slices.Equal(order, append(older, newer)) {
			t.Errorf("order %v", order)
		}
	})
}

func TestTheOlderOneThatNobodyIsEligibleForIsNotWaitedFor(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 })
		passed, _ := d.routes(t, noon)
		d.assigns(t, passed, inbox.CauseUnanswered, noon)
		_, got := d.routes(t, noon.Add(time.Minute))
		if got.Decision.AssigneeID != d.agents[0].ID || len(got.Nudge) != 0 {
			t.Errorf("assigned %+v", got)
		}
	})
}

func TestTheHigherPriorityGoesFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		d.is(t, d.agents[0].ID, inbox.Away)
		var refs []inbox.EpisodeRef
		for i, priority := range []inbox.Priority{inbox.PriorityLow, inbox.PriorityNormal, inbox.PriorityUrgent, inbox.PriorityNormal} {
			at := noon.Add(time.Duration(i) * time.Second)
			ref := d.arrives(t, d.channel, at)
			store.Exec(t, s, "UPDATE conversations SET priority_rank = ? WHERE id = ?", priority.Rank(), ref.ConversationID)
			d.assigns(t, ref, inbox.CauseNew, at)
			refs = append(refs, ref)
		}
		d.is(t, d.agents[0].ID, inbox.Available)

		// An urgent newcomer passes everybody but the urgent one before it.
		newcomer := d.arrives(t, d.channel, noon.Add(time.Minute))
		store.Exec(t, s, "UPDATE conversations SET priority_rank = ? WHERE id = ?", inbox.PriorityUrgent.Rank(), newcomer.ConversationID)
		if got := d.assigns(t, newcomer, inbox.CauseNew, noon.Add(time.Minute)); !slices.Equal(got.Nudge, []inbox.EpisodeRef{refs[2]}) {
			t.Fatalf("assigned %+v", got)
		}
		served := []inbox.EpisodeRef{refs[2]}
		for range 4 {
			last := served[len(served)-1]
			served = append(served, d.drains(t, d.closes(t, last), noon.Add(time.Hour))...)
		}
		want := []inbox.EpisodeRef{refs[2], newcomer, refs[1], refs[3], refs[0]}
		if !slices.Equal(served, want) {
			t.Errorf("served %v, want %v", served, want)
		}
	})
}

func TestADrainStopsWhenTheAgentIsFull(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{2})
		d.is(t, d.agents[0].ID, inbox.Away)
		var refs []inbox.EpisodeRef
		for i := range 5 {
			ref, _ := d.routes(t, noon.Add(time.Duration(i)*time.Second))
			refs = append(refs, ref)
		}
		if drained := d.drains(t, d.agents[0].ID, noon); len(drained) != 0 {
			t.Errorf("drained %v towards an agent who is away", drained)
		}
		d.is(t, d.agents[0].ID, inbox.Available)
		if drained := d.drains(t, d.agents[0].ID, noon); !slices.Equal(drained, refs[:2]) {
			t.Errorf("drained %v", drained)
		}
		if c := d.conversation(t, refs[0]); c.Status != inbox.StatusOpen || !c.WaitingSince.IsZero() {
			t.Errorf("conversation %+v", c)
		}
	})
}

func TestADrainGoesPastAFullInbox(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0})
		agent := d.agents[0].ID
		full := must(s.UpdateInbox(t.Context(), inbox.Inbox{ID: d.channel.InboxID, Name: "Full", AgentCapacity: 1}))(t)
		other := d.open(t, func(rule *inbox.Assignment) { rule.AgentIDs = d.ids() })
		d.is(t, agent, inbox.Away)
		var refs []inbox.EpisodeRef
		for i, channel := range []inbox.Channel{d.channel, d.channel, d.channel, other, d.channel, other} {
			at := noon.Add(time.Duration(i) * time.Second)
			ref := d.arrives(t, channel, at)
			d.assigns(t, ref, inbox.CauseNew, at)
			refs = append(refs, ref)
		}
		d.is(t, agent, inbox.Available)
		want := []inbox.EpisodeRef{refs[0], refs[3], refs[5]}
		if drained := d.drains(t, agent, noon); !slices.Equal(drained, want) {
			t.Errorf("drained %v of inbox %s, want %v", drained, full.ID, want)
		}
	})
}

func TestADrainFollowsTeams(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, nil)
		team := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Support"}))(t)
		fallback := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Everybody"}))(t)
		d.channel = d.open(t, func(rule *inbox.Assignment) { rule.TeamIDs, rule.FallbackTeamID = []string{team.ID}, fallback.ID })
		first, _ := d.routes(t, noon)
		second, _ := d.routes(t, noon.Add(time.Second))
		member, helper := d.hire(t, 1), d.hire(t, 1)
		if drained := d.drains(t, member.ID, noon); len(drained) != 0 {
			t.Errorf("drained %v towards somebody without a team", drained)
		}
		team.MemberIDs, fallback.MemberIDs = []string{member.ID}, []string{helper.ID}
		must(s.UpdateTeam(t.Context(), team))(t)
		if drained := d.drains(t, member.ID, noon); !slices.Equal(drained, []inbox.EpisodeRef{first}) {
			t.Errorf("drained %v", drained)
		}
		must(s.UpdateTeam(t.Context(), fallback))(t)
		if drained := d.drains(t, helper.ID, noon); !slices.Equal(drained, []inbox.EpisodeRef{second}) {
			t.Errorf("drained %v", drained)
		}
	})
}

func TestADrainedConversationIsNudgedUntilItsWorkflowKnows(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 })
		d.is(t, d.agents[0].ID, inbox.Away)
		ref, _ := d.routes(t, noon)
		d.is(t, d.agents[0].ID, inbox.Available)
		at := noon.Add(time.Minute)
		d.drains(t, d.agents[0].ID, at)
		due := func() []inbox.EpisodeRef { return must(s.NudgesDue(t.Context(), at.Add(time.Second), 10))(t) }
		if !slices.Equal(due(), []inbox.EpisodeRef{ref}) {
			t.Fatalf("nudges due %v", due())
		}
		got := d.assigns(t, ref, inbox.CauseRetry, at.Add(time.Minute))
		if got.Decision.AssigneeID != d.agents[0].ID || !got.AnswerBy.Equal(at.Add(time.Minute)) {
			t.Errorf("assigned %+v", got)
		}
		if len(due()) != 0 {
			t.Errorf("nudges due %v", due())
		}
	})
}

func TestLeavingTheQueueLeavesNothingBehind(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0})
		agent := d.agents[0].ID
		d.is(t, agent, inbox.Away)
		for name, leave := range map[string]func(inbox.EpisodeRef) error{
			"closed": func(ref inbox.EpisodeRef) error {
				_, err := s.CloseEpisode(t.Context(), ref, inbox.Author{}, noon, "")
				return err
			},
			"snoozed": func(ref inbox.EpisodeRef) error {
				_, err := s.Snooze(t.Context(), ref, noon.Add(time.Hour), inbox.Author{}, noon)
				return err
			},
			"taken": func(ref inbox.EpisodeRef) error {
				_, err := s.AssignTo(t.Context(), ref.ConversationID, agent, inbox.Author{}, noon)
				return err
			},
			"unassigned": func(ref inbox.EpisodeRef) error {
				_, err := s.Unassign(t.Context(), ref.ConversationID, inbox.Author{}, noon)
				return err
			},
			"answered": func(ref inbox.EpisodeRef) error {
				_, err := s.TakeByAnswer(t.Context(), inbox.Message{
					ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: agent},
				}, noon)
				return err
			},
		} {
			ref, got := d.routes(t, noon)
			if got.Status != inbox.StatusWaiting || store.CountRows(t, s, "queue_entries") == 0 {
				t.Fatalf("assigned %+v", got)
			}
			if err := leave(ref); err != nil {
				t.Fatal(err)
			}
			if n := store.CountRows(t, s, "queue_entries"); n != 0 {
				t.Errorf("%s: %d queue entries", name, n)
			}
			if c := d.conversation(t, ref); c.Status == inbox.StatusWaiting || !c.WaitingSince.IsZero() {
				t.Errorf("%s: conversation %+v", name, c)
			}
		}
	})
}

func TestADrainDoesNotMissWhatIsJustEnteringTheQueue(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, nil)
		team := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Support"}))(t)
		d.channel = d.open(t, func(rule *inbox.Assignment) { rule.TeamIDs = []string{team.ID} })
		member := d.hire(t, 0).ID
		ref := d.arrives(t, d.channel, noon)

		drained := make(chan []inbox.EpisodeRef, 1)
		slow := func(q inbox.AssignmentQuestion) inbox.AssignmentDecision {
			// Meanwhile somebody joins the team, and the backlog is drained towards
			// him while the conversation, for which he came too late, is entering it.
			go func() {
				team.MemberIDs = []string{member}
				if _, err := s.UpdateTeam(t.Context(), team); err != nil {
					t.Error(err)
				}
				refs, err := s.Drain(t.Context(), member, noon, routing.Assign)
				if err != nil {
					t.Error(err)
				}
				drained <- refs
			}()
			for len(drained) == 0 && !store.Blocked(t, s) {
				runtime.Gosched()
			}
			return routing.Assign(q)
		}
		req := store.AssignRequest{Ref: ref, Key: "1/1", Cause: inbox.CauseNew, At: noon}
		if got := must(s.Assign(t.Context(), req, slow))(t); got.Status != inbox.StatusWaiting {
			t.Fatalf("assigned %+v", got)
		}
		if got := <-drained; !slices.Equal(got, []inbox.EpisodeRef{ref}) {
			t.Errorf("drained %v", got)
		}
	})
}

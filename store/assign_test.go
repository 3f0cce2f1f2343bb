package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func TestAConversationGetsAnAssigneeWithReasons(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1, 1}, func(rule *inbox.Assignment) { rule.AnswerWithin = 300 })
		d.is(t, d.agents[0].ID, inbox.Away)
		ref, got := d.routes(t, noon)

		if got.Decision.Outcome != inbox.OutcomeAgent || got.Decision.AssigneeID != d.agents[1].ID {
			t.Fatalf("decision %+v", got.Decision)
		}
		if verdict(got.Decision, d.agents[0].ID) != inbox.ReasonAway {
			t.Errorf("verdicts %+v", got.Decision.Candidates)
		}
		if !got.AnswerBy.Equal(noon.Add(5*time.Minute)) || got.Status != inbox.StatusOpen {
			t.Errorf("answer by %v, status %s", got.AnswerBy, got.Status)
		}
		if c := d.conversation(t, ref); c.AssigneeID != d.agents[1].ID || c.Status != inbox.StatusOpen {
			t.Errorf("conversation %+v", c)
		}
		want := []inbox.EventKind{inbox.EventOpened, inbox.EventMessageReceived, inbox.EventAssigned}
		if kinds := d.timeline(t, ref); !slices.Equal(kinds, want) {
			t.Errorf("timeline %v", kinds)
		}
	})
}

func TestTheRuleOffLeavesToTriage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1}, func(rule *inbox.Assignment) { rule.Mode = inbox.AssignOff })
		ref, got := d.routes(t, noon)
		if got.Decision.Outcome != inbox.OutcomeTriage || got.Decision.Reason != inbox.ReasonOff || got.Status != inbox.StatusOpen {
			t.Errorf("assigned %+v", got)
		}
		if n := d.count(t, ref, inbox.EventTriage); n != 1 {
			t.Errorf("%d triage events", n)
		}
	})
}

func TestARepeatedQuestionGetsTheSameAnswer(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 0, 0}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 })
		ref := d.arrives(t, d.channel, noon)
		for i, cause := range []inbox.AssignmentCause{
			inbox.CauseNew, inbox.CauseUnanswered, inbox.CauseReopened, inbox.CauseUnanswered, inbox.CauseUnanswered,
		} {
			req := store.AssignRequest{Ref: ref, Key: fmt.Sprint(i), Cause: cause, At: noon}
			first := must(s.Assign(t.Context(), req, routing.Assign))(t)
			events := len(d.timeline(t, ref))
			req.At = noon.Add(time.Hour)
			second := must(s.Assign(t.Context(), req, routing.Assign))(t)
			if !sameAnswer(first, second) {
				t.Errorf("%s: first %+v, then %+v", cause, first, second)
			}
			if n := len(d.timeline(t, ref)); n != events {
				t.Errorf("%s: %d events more", cause, n-events)
			}
		}
		if c := d.conversation(t, ref); c.Status != inbox.StatusWaiting {
			t.Errorf("conversation %+v", c)
		}
	})
}

func sameAnswer(a, b store.Assigned) bool {
	return a.Decision.AssigneeID == b.Decision.AssigneeID && a.Decision.Outcome == b.Decision.Outcome &&
		slices.Equal(a.Decision.Candidates, b.Decision.Candidates) && a.Status == b.Status && a.Freed == b.Freed &&
		a.AnswerBy.Equal(b.AnswerBy) && a.WaitingSince.Equal(b.WaitingSince)
}

func TestAConversationThatIsNotActiveIsNotRouted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		closed, snoozed, old := d.arrives(t, d.channel, noon), d.arrives(t, d.channel, noon), d.arrives(t, d.channel, noon)
		d.closes(t, closed)
		must(s.Snooze(t.Context(), snoozed, noon.Add(time.Hour), inbox.Author{}, noon))(t)
		old.Episode++
		for _, ref := range []inbox.EpisodeRef{closed, snoozed, old} {
			got := d.assigns(t, ref, inbox.CauseNew, noon)
			if got.Decision.Outcome != inbox.OutcomeTriage || got.Decision.Reason != inbox.ReasonNotRouted {
				t.Errorf("decision %+v", got.Decision)
			}
			if c := d.conversation(t, ref); c.AssigneeID != "" {
				t.Errorf("assigned to %s", c.AssigneeID)
			}
		}
	})
}

func TestAnUnknownConversationIsNotFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		_, err := s.Assign(t.Context(), store.AssignRequest{Ref: inbox.EpisodeRef{ConversationID: "none", Episode: 1}}, routing.Assign)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestAnAgentWhoseSeatWasWithdrawnReceivesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0})
		agent := d.agents[0]
		agent.Seat = false
		must(s.UpdateAgent(t.Context(), agent))(t)
		ref, got := d.routes(t, noon)
		if got.Decision.Outcome != inbox.OutcomeWaiting || verdict(got.Decision, agent.ID) != inbox.ReasonNoSeat {
			t.Fatalf("decision %+v", got.Decision)
		}
		agent.Seat = true
		must(s.UpdateAgent(t.Context(), agent))(t)
		if drained := d.drains(t, agent.ID, noon); !slices.Equal(drained, []inbox.EpisodeRef{ref}) {
			t.Errorf("drained %v", drained)
		}
	})
}

func TestNobodyEligibleWaitsAndSaysSoOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 1})
		for _, agent := range d.agents {
			d.is(t, agent.ID, inbox.Away)
		}
		ref, got := d.routes(t, noon)
		if got.Status != inbox.StatusWaiting || !got.WaitingSince.Equal(noon) {
			t.Fatalf("assigned %+v", got)
		}
		again := d.assigns(t, ref, inbox.CauseRetry, noon.Add(time.Minute))
		if !again.WaitingSince.Equal(noon) {
			t.Errorf("waiting since %v", again.WaitingSince)
		}
		if n := d.count(t, ref, inbox.EventWaiting); n != 1 {
			t.Errorf("%d waiting events for the same reasons", n)
		}
		agent := d.agents[1]
		agent.Seat = false
		must(s.UpdateAgent(t.Context(), agent))(t)
		d.assigns(t, ref, inbox.CauseRetry, noon.Add(2*time.Minute))
		if n := d.count(t, ref, inbox.EventWaiting); n != 2 {
			t.Errorf("%d waiting events after the reasons changed", n)
		}
	})
}

func TestTheContactsOwnerIsAsked(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 0}, func(rule *inbox.Assignment) { rule.Mode = inbox.AssignOwner })
		owned := store.NewContact(t, s, inbox.Contact{OwnerID: d.agents[1].ID})
		ref := d.arrives(t, d.channel, noon)
		store.SetContact(t, s, ref.ConversationID, owned.ID)
		if got := d.assigns(t, ref, inbox.CauseNew, noon); got.Decision.AssigneeID != d.agents[1].ID {
			t.Errorf("decision %+v", got.Decision)
		}

		unowned := store.NewContact(t, s, inbox.Contact{})
		ref = d.arrives(t, d.channel, noon)
		store.SetContact(t, s, ref.ConversationID, unowned.ID)
		if got := d.assigns(t, ref, inbox.CauseNew, noon); got.Decision.Reason != inbox.ReasonNoOwnerYet {
			t.Fatalf("decision %+v", got.Decision)
		}
		unowned.OwnerID = d.agents[0].ID
		must(s.UpdateContact(t.Context(), unowned))(t)
		if drained := d.drains(t, d.agents[0].ID, noon); !slices.Equal(drained, []inbox.EpisodeRef{ref}) {
			t.Errorf("a waiting conversation does not follow its contact's new owner: drained %v", drained)
		}
	})
}

func TestAReopenedConversationLeavesAnAgentWhoIsAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		for _, away := range []bool{true, false} {
			d := newDesk(t, s, []int{0, 0})
			ref, got := d.routes(t, noon)
			first := got.Decision.AssigneeID
			d.closes(t, ref)
			if away {
				d.is(t, first, inbox.Away)
			}
			again := must(s.Reopen(t.Context(), ref.ConversationID, inbox.Author{}, noon))(t)
			if c := d.conversation(t, again); c.AssigneeID != "" {
				t.Errorf("reopened with assignee %s before routing", c.AssigneeID)
			}
			got = d.assigns(t, again, inbox.CauseReopened, noon)
			if kept := got.Decision.AssigneeID == first; kept == away {
				t.Errorf("away %t: decision %+v", away, got.Decision)
			}
			if !away && got.Decision.Reason != inbox.ReasonSticky {
				t.Errorf("reason %s", got.Decision.Reason)
			}
		}
	})
}

func TestAWokenConversationLeavesAnAgentWhoIsAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 0})
		ref, got := d.routes(t, noon)
		first := got.Decision.AssigneeID
		must(s.Snooze(t.Context(), ref, noon.Add(time.Hour), inbox.Author{}, noon))(t)
		d.is(t, first, inbox.Away)
		if err := s.Wake(t.Context(), ref, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		got = d.assigns(t, ref, inbox.CauseReopened, noon.Add(time.Hour))
		if got.Decision.Outcome != inbox.OutcomeAgent || got.Decision.AssigneeID == first {
			t.Errorf("decision %+v", got.Decision)
		}
	})
}

func TestAWokenConversationOfAChannelWithoutARuleStays(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0}, func(rule *inbox.Assignment) { rule.Mode = inbox.AssignOff })
		ref, _ := d.routes(t, noon)
		agent := d.agents[0].ID
		must(s.AssignTo(t.Context(), ref.ConversationID, agent, inbox.Author{}, noon))(t)
		must(s.Snooze(t.Context(), ref, noon.Add(time.Hour), inbox.Author{}, noon))(t)
		if err := s.Wake(t.Context(), ref, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		got := d.assigns(t, ref, inbox.CauseReopened, noon.Add(time.Hour))
		if got.Decision.AssigneeID != agent || got.Decision.Reason != inbox.ReasonStands || d.conversation(t, ref).AssigneeID != agent {
			t.Errorf("decision %+v", got.Decision)
		}
	})
}

func TestAnUnansweredConversationNeverComesBackInItsEpisode(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 0, 0}, func(rule *inbox.Assignment) { rule.AnswerWithin = 60 })
		ref, got := d.routes(t, noon)
		asked := []string{got.Decision.AssigneeID}
		at := noon
		for range 2 {
			at = got.AnswerBy
			got = d.assigns(t, ref, inbox.CauseUnanswered, at)
			if got.Freed != asked[len(asked)-1] {
				t.Errorf("freed %q", got.Freed)
			}
			if slices.Contains(asked, got.Decision.AssigneeID) {
				t.Fatalf("asked %s twice", got.Decision.AssigneeID)
			}
			asked = append(asked, got.Decision.AssigneeID)
		}
		if got = d.assigns(t, ref, inbox.CauseUnanswered, at); got.Status != inbox.StatusWaiting || !got.AnswerBy.IsZero() {
			t.Fatalf("assigned %+v", got)
		}
		for _, id := range asked {
			if drained := d.drains(t, id, at); len(drained) != 0 {
				t.Errorf("came back to %s", id)
			}
		}
		if n := d.count(t, ref, inbox.EventUnanswered); n != 3 {
			t.Errorf("%d unanswered events", n)
		}

		d.closes(t, ref)
		again := must(s.Reopen(t.Context(), ref.ConversationID, inbox.Author{}, at))(t)
		if passed := d.conversation(t, again).PassedAgentIDs; len(passed) != 0 {
			t.Errorf("passed %v in a new episode", passed)
		}
		if got = d.assigns(t, again, inbox.CauseReopened, at); got.Decision.Outcome != inbox.OutcomeAgent {
			t.Errorf("decision %+v in a new episode", got.Decision)
		}
	})
}

func TestATeamHandOverRespectsCapacity(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0})
		member := d.hire(t, 1)
		team := must(s.CreateTeam(t.Context(), inbox.Team{Name: store.NewID(), MemberIDs: []string{member.ID}}))(t)
		handOver := func() (inbox.EpisodeRef, store.Assigned) {
			ref, _ := d.routes(t, noon)
			freed := must(s.AssignToTeam(t.Context(), ref.ConversationID, team.ID, inbox.Author{}, noon))(t)
			if freed != d.agents[0].ID {
				t.Errorf("freed %q", freed)
			}
			return ref, d.assigns(t, ref, inbox.CauseTeam, noon)
		}
		first, got := handOver()
		if got.Decision.AssigneeID != member.ID || got.Decision.TeamID != team.ID {
			t.Fatalf("decision %+v", got.Decision)
		}
		second, got := handOver()
		if got.Status != inbox.StatusWaiting || got.Decision.TeamID != team.ID || verdict(got.Decision, member.ID) != inbox.ReasonAtCapacity {
			t.Fatalf("decision %+v", got.Decision)
		}
		if drained := d.drains(t, d.agents[0].ID, noon); len(drained) != 0 {
			t.Errorf("left the team: %v", drained)
		}
		if drained := d.drains(t, d.closes(t, first), noon); !slices.Equal(drained, []inbox.EpisodeRef{second}) {
			t.Errorf("drained %v", drained)
		}
		if c := d.conversation(t, second); c.AssigneeID != member.ID || c.TeamID != team.ID {
			t.Errorf("conversation %+v", c)
		}
	})
}

func TestAManualAssignmentStands(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0})
		other := d.hire(t, 0)
		ref := d.arrives(t, d.channel, noon)
		must(s.AssignTo(t.Context(), ref.ConversationID, other.ID, inbox.Author{}, noon))(t)
		for _, cause := range []inbox.AssignmentCause{inbox.CauseNew, inbox.CauseRetry, inbox.CauseTeam} {
			got := d.assigns(t, ref, cause, noon)
			if got.Decision.AssigneeID != other.ID || got.Decision.Reason != inbox.ReasonManual {
				t.Errorf("%s: decision %+v", cause, got.Decision)
			}
		}
		must(s.Unassign(t.Context(), ref.ConversationID, inbox.Author{}, noon))(t)
		if got := d.assigns(t, ref, inbox.CauseRetry, noon); got.Decision.Outcome != inbox.OutcomeTriage {
			t.Errorf("a retry assigned what an agent had unassigned: %+v", got.Decision)
		}
	})
}

func TestAnOrdinaryAssignmentNeedsFewStatements(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{0, 0, 0})
		ref := d.arrives(t, d.channel, noon)
		before := s.Statements()
		d.assigns(t, ref, inbox.CauseNew, noon)
		if n := s.Statements() - before; n > 8 {
			t.Errorf("%d statements", n)
		} else {
			t.Logf("%d statements", n)
		}
	})
}

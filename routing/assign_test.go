package routing_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

type assignCase struct {
	name     string
	question inbox.AssignmentQuestion
	want     inbox.AssignmentDecision
}

func checkAssign(t *testing.T, cases []assignCase) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := routing.Assign(c.question); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestTheRuleSaysWhoIsAsked(t *testing.T) {
	triage := inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonOff}
	noOwner := waits("", said())
	noOwner.Reason = inbox.ReasonNoOwnerYet
	off := inbox.DefaultAssignment()
	checkAssign(t, []assignCase{
		{"off is triage", ask(off, candidate("ann")), triage},
		{"off is triage though a fallback team is set", ask(fallingBackTo("t", off), candidate("ann", in("t"))), triage},
		{"an unknown mode is triage", ask(inbox.Assignment{}, candidate("ann")), triage},
		{
			"named agents",
			ask(specific("ben"), candidate("ann"), candidate("ben")),
			assigned("ben", inbox.ReasonRule, said("ben chosen")),
		},
		{
			"members of the rule's teams",
			ask(teams("t"), candidate("ann"), candidate("ben", in("other", "t"))),
			through("t", assigned("ben", inbox.ReasonRule, said("ben chosen"))),
		},
		{
			"an agent of several teams comes through the rule's first",
			ask(teams("t2", "t1"), candidate("ann", in("t1", "t2"))),
			through("t2", assigned("ann", inbox.ReasonRule, said("ann chosen"))),
		},
		{
			"an agent both named and in a team comes through the team",
			with(ask(teams("t"), candidate("ann", in("t"))), func(q *inbox.AssignmentQuestion) { q.Rule.AgentIDs = []string{"ann"} }),
			through("t", assigned("ann", inbox.ReasonRule, said("ann chosen"))),
		},
		{
			"the contact's owner",
			ownedBy("ben", ask(owner(), candidate("ann"), candidate("ben", in("t")))),
			assigned("ben", inbox.ReasonOwner, said("ben chosen")),
		},
		{
			"with the rule owner, agents and teams left from another rule are not asked",
			with(ask(owner(), candidate("ann", in("t")), candidate("ben")), func(q *inbox.AssignmentQuestion) {
				q.ContactOwnerID, q.Rule.AgentIDs, q.Rule.TeamIDs = "ben", []string{"ann"}, []string{"t"}
			}),
			assigned("ben", inbox.ReasonOwner, said("ben chosen")),
		},
		{"without an owner it waits", ask(owner(), candidate("ann")), noOwner},
		{
			"without an owner the fallback team is asked",
			ask(fallingBackTo("t", owner()), candidate("ann", in("t"))),
			through("t", assigned("ann", inbox.ReasonFallback, said("ann chosen"))),
		},
		{
			"without an owner it waits for the fallback team",
			ask(fallingBackTo("t", owner()), candidate("ann", in("t"), away)),
			waits("t", said("ann away")),
		},
		{
			"without an owner it waits for the team it was given to",
			givenTo("t", ask(owner(), candidate("ann", in("t"), away))),
			waits("t", said("ann away")),
		},
		{"an owner who is no longer there", ownedBy("gone", ask(owner(), candidate("ann"))), waits("", said())},
		{
			"a team it was given to, though the rule is off",
			givenTo("t", ask(off, candidate("ann", in("t")), candidate("ben"))),
			through("t", assigned("ann", inbox.ReasonRule, said("ann chosen"))),
		},
		{
			"a team it was given to, and nobody else",
			ownedBy("ann", givenTo("t", ask(fallingBackTo("f", owner()),
				candidate("ann", away), candidate("ben", in("t"), away), candidate("cy", in("f"))))),
			waits("t", said("ben away")),
		},
	})
}

func TestTheFallbackTeamIsAskedWhenNobodyOfTheRuleIsEligible(t *testing.T) {
	checkAssign(t, []assignCase{
		{
			"not while somebody of the rule is eligible",
			ask(fallingBackTo("f", specific("zoe")), candidate("ann", in("f")), candidate("ben", in("f"), away), candidate("zoe")),
			assigned("zoe", inbox.ReasonRule, said("zoe chosen", "ann fallback_not_needed", "ben fallback_not_needed")),
		},
		{
			"when nobody is",
			ask(fallingBackTo("f", specific("zoe")), candidate("ann", in("f")), candidate("ben", in("f"), away), candidate("zoe", away)),
			through("f", assigned("ann", inbox.ReasonFallback, said("zoe away", "ann chosen", "ben away"))),
		},
		{
			"when the owner is away",
			ownedBy("zoe", ask(fallingBackTo("f", owner()), candidate("ann", in("f")), candidate("zoe", away))),
			telling("zoe", through("f", assigned("ann", inbox.ReasonFallback, said("zoe away", "ann chosen")))),
		},
		{
			"an agent of both is asked once, as the rule's",
			ask(fallingBackTo("f", specific("ann")), candidate("ann", in("f"), away)),
			waits("f", said("ann away")),
		},
	})
}

func TestEachRuleKeepsIneligibleAgentsOut(t *testing.T) {
	passed := func(agentIDs ...string) func(*inbox.AssignmentQuestion) {
		return func(q *inbox.AssignmentQuestion) { q.PassedAgentIDs = agentIDs }
	}
	inboxCapacity := func(n int) func(*inbox.AssignmentQuestion) {
		return func(q *inbox.AssignmentQuestion) { q.InboxCapacity = n }
	}
	ann := specific("ann")
	closed, nine := mondays("12:00-13:00"), mondays("09:00-17:00")
	noon := monday.Add(2 * time.Hour)
	checkAssign(t, []assignCase{
		{"no seat", ask(ann, candidate("ann", withoutSeat)), waits("", said("ann no_seat"))},
		{"no seat, availability ignored", ask(ignoringAvailability(ann), candidate("ann", withoutSeat)), waits("", said("ann no_seat"))},
		{"no access to the inbox", ask(ann, candidate("ann", seesOnly("other"))), waits("", said("ann no_inbox_access"))},
		{"admins see every inbox", ask(ann, candidate("ann", seesOnly("other"), admin)), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
		{"let it pass", with(ask(ann, candidate("ann")), passed("ann")), waits("", said("ann let_it_pass"))},
		{"let it pass, availability ignored", with(ask(ignoringAvailability(ann), candidate("ann")), passed("ann")), waits("", said("ann let_it_pass"))},
		{"away", ask(ann, candidate("ann", away)), waits("", said("ann away"))},
		{"a status that is not available", ask(ann, candidate("ann", status("busy"))), waits("", said("ann away"))},
		{"no status", ask(ann, candidate("ann", status(""))), waits("", said("ann away"))},
		{"in hours", ask(openOn(nine, ann), candidate("ann", works(nine))), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
		{"outside the agent's hours", ask(ann, candidate("ann", works(closed))), until(noon, waits("", said("ann outside_hours")))},
		{"outside the channel's hours", ask(openOn(closed, ann), candidate("ann")), until(noon, waits("", said("ann outside_channel_hours")))},
		{"hours that cannot be read", ask(ann, candidate("ann", works(hours("Nowhere", "monday", "00:00-24:00")))), waits("", said("ann outside_hours"))},
		{"channel hours that cannot be read", ask(openOn(hours("Nowhere", "monday", "00:00-24:00"), ann), candidate("ann")), waits("", said("ann outside_channel_hours"))},
		{"below capacity", ask(ann, candidate("ann", holds(2, 3))), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
		{"at capacity", ask(ann, candidate("ann", holds(3, 3))), waits("", said("ann at_capacity"))},
		{"past a capacity that was lowered", ask(ann, candidate("ann", holds(4, 3))), waits("", said("ann at_capacity"))},
		{"capacity 0 is no limit", ask(ann, candidate("ann", holds(400, 0))), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
		{"at capacity, availability ignored", ask(ignoringAvailability(ann), candidate("ann", holds(3, 3))), waits("", said("ann at_capacity"))},
		{"below the inbox's capacity", with(ask(ann, candidate("ann", holdsInInbox(1))), inboxCapacity(2)), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
		{"at the inbox's capacity", with(ask(ann, candidate("ann", holdsInInbox(2))), inboxCapacity(2)), waits("", said("ann at_inbox_capacity"))},
		{"other inboxes do not count against the inbox's capacity", with(ask(ann, candidate("ann", holds(9, 0))), inboxCapacity(2)), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
	})
}

func TestTheFirstReasonInOrderIsGiven(t *testing.T) {
	t.Parallel()
	closed := mondays("12:00-13:00")
	q := ask(openOn(closed, specific("ann")), candidate("ann",
		withoutSeat, seesOnly("other"), away, works(closed), holds(1, 1), holdsInInbox(1)))
	q.PassedAgentIDs, q.InboxCapacity, q.Kind = []string{"ann"}, 1, inbox.KindCall
	steps := []struct {
		want inbox.Reason
		cure func()
	}{
		{inbox.ReasonNoSeat, func() { q.Candidates[0].Agent.Seat = true }},
		{inbox.ReasonNoInboxAccess, func() { q.Candidates[0].Agent.InboxIDs = nil }},
		{inbox.ReasonNoPhone, func() { q.Candidates[0].Agent.Phone = "+4930123456" }},
		{inbox.ReasonLetItPass, func() { q.PassedAgentIDs = nil }},
		{inbox.ReasonChannelClosed, func() { q.Rule.Hours = nil }},
		{inbox.ReasonAway, func() { q.Candidates[0].Agent.Availability = inbox.Available }},
		{inbox.ReasonOutsideHours, func() { q.Candidates[0].Agent.Hours = nil }},
		{inbox.ReasonAtCapacity, func() { q.Candidates[0].Agent.Capacity = 2 }},
		{inbox.ReasonAtInboxCapacity, func() { q.InboxCapacity = 2 }},
		{inbox.ReasonChosen, func() {}},
	}
	for _, step := range steps {
		if got := routing.Assign(q).Candidates[0].Reason; got != step.want {
			t.Fatalf("got %s, want %s", got, step.want)
		}
		step.cure()
	}
}

func TestOnlyACallNeedsAPhone(t *testing.T) {
	t.Parallel()
	for _, kind := range []inbox.ChannelKind{inbox.KindEmail, inbox.KindChat, inbox.KindMessenger, inbox.KindForm, inbox.KindWhatsApp} {
		q := ask(specific("ann"), candidate("ann"))
		q.Kind = kind
		if got := routing.Assign(q); got.AssigneeID != "ann" {
			t.Errorf("%s: ann is not asked: %v", kind, got.Candidates)
		}
	}
}

func TestStrategiesPickAmongEligibleAgents(t *testing.T) {
	all := specific("ann", "ben", "cy")
	unknown := all
	unknown.Strategy = "alphabetical"
	checkAssign(t, []assignCase{
		{
			"round robin takes who waited longest",
			ask(all, candidate("ann", assignedMinutesAgo(1)), candidate("ben", assignedMinutesAgo(9)), candidate("cy", assignedMinutesAgo(5))),
			assigned("ben", inbox.ReasonRule, said("ann eligible", "ben chosen", "cy eligible")),
		},
		{
			"round robin takes who never had one first",
			ask(all, candidate("ann", assignedMinutesAgo(9)), candidate("ben", assignedMinutesAgo(9)), candidate("cy")),
			assigned("cy", inbox.ReasonRule, said("ann eligible", "ben eligible", "cy chosen")),
		},
		{
			"ties go by id, whatever the order of the question",
			ask(all, candidate("cy"), candidate("ann"), candidate("ben")),
			assigned("ann", inbox.ReasonRule, said("ann chosen", "ben eligible", "cy eligible")),
		},
		{
			"round robin does not look at the load",
			ask(all, candidate("ann", holds(9, 0), assignedMinutesAgo(9)), candidate("ben", assignedMinutesAgo(1))),
			assigned("ann", inbox.ReasonRule, said("ann chosen", "ben eligible")),
		},
		{
			"an unknown strategy is round robin",
			ask(unknown, candidate("ann", assignedMinutesAgo(1)), candidate("ben", holds(9, 0), assignedMinutesAgo(9))),
			assigned("ben", inbox.ReasonRule, said("ann eligible", "ben chosen")),
		},
		{
			"least busy takes who holds fewest",
			ask(leastBusy(all), candidate("ann", holds(2, 0)), candidate("ben", holds(1, 0), assignedMinutesAgo(1)), candidate("cy", holds(3, 0))),
			assigned("ben", inbox.ReasonRule, said("ann eligible", "ben chosen", "cy eligible")),
		},
		{
			"least busy settles ties by round robin",
			ask(leastBusy(all), candidate("ann", holds(1, 0), assignedMinutesAgo(1)), candidate("ben", holds(1, 0), assignedMinutesAgo(9))),
			assigned("ben", inbox.ReasonRule, said("ann eligible", "ben chosen")),
		},
		{
			"the rule's agents go before an idle fallback member",
			ask(leastBusy(fallingBackTo("f", specific("zoe"))), candidate("ann", in("f")), candidate("zoe", holds(9, 0))),
			assigned("zoe", inbox.ReasonRule, said("zoe chosen", "ann fallback_not_needed")),
		},
	})
}

func TestThePreviousAssigneeGoesFirst(t *testing.T) {
	both := specific("ann", "ben")
	checkAssign(t, []assignCase{
		{
			"though it is another's turn",
			previously("ben", ask(both, candidate("ann"), candidate("ben", holds(5, 0), assignedMinutesAgo(1)))),
			assigned("ben", inbox.ReasonSticky, said("ann eligible", "ben chosen")),
		},
		{
			"not while away",
			previously("ben", ask(both, candidate("ann"), candidate("ben", away))),
			assigned("ann", inbox.ReasonRule, said("ann chosen", "ben away")),
		},
		{
			"not at capacity",
			previously("ben", ask(both, candidate("ann"), candidate("ben", holds(1, 1)))),
			assigned("ann", inbox.ReasonRule, said("ann chosen", "ben at_capacity")),
		},
		{
			"not when the rule no longer leads to him",
			previously("ben", ask(specific("ann"), candidate("ann"), candidate("ben"))),
			assigned("ann", inbox.ReasonRule, said("ann chosen")),
		},
		{
			"not outside the team it was given to",
			previously("ben", givenTo("t", ask(both, candidate("ann", in("t")), candidate("ben")))),
			through("t", assigned("ann", inbox.ReasonRule, said("ann chosen"))),
		},
		{
			"as a member of the fallback team too",
			previously("cy", ask(fallingBackTo("f", specific("zoe")), candidate("ben", in("f")), candidate("cy", in("f")), candidate("zoe"))),
			through("f", assigned("cy", inbox.ReasonSticky, said("zoe eligible", "ben fallback_not_needed", "cy chosen"))),
		},
	})
}

func TestAConversationNobodyCanTakeWaitsInATeam(t *testing.T) {
	gone := candidate("ann", in("t1"), away)
	checkAssign(t, []assignCase{
		{"the rule's single team", ask(teams("t1"), gone), waits("t1", said("ann away"))},
		{"no team of several", ask(teams("t1", "t2"), gone), waits("", said("ann away"))},
		{"the fallback team", ask(fallingBackTo("f", teams("t1")), gone), waits("f", said("ann away"))},
		{"no team with named agents only", ask(specific("ann"), gone), waits("", said("ann away"))},
		{"nobody to ask at all", ask(specific("ann")), waits("", said())},
	})
}

func TestAnOfflineOwnerIsTold(t *testing.T) {
	fallback := fallingBackTo("f", owner())
	later := mondays("12:00-13:00")
	noon := monday.Add(2 * time.Hour)
	checkAssign(t, []assignCase{
		{"away, nobody else", ownedBy("zoe", ask(owner(), candidate("zoe", away))), telling("zoe", waits("", said("zoe away")))},
		{
			"outside hours",
			ownedBy("zoe", ask(owner(), candidate("zoe", works(later)))),
			telling("zoe", until(noon, waits("", said("zoe outside_hours")))),
		},
		{
			"outside the channel's hours",
			ownedBy("zoe", ask(openOn(later, owner()), candidate("zoe"))),
			telling("zoe", until(noon, waits("", said("zoe outside_channel_hours")))),
		},
		{"not when available, though full", ownedBy("zoe", ask(owner(), candidate("zoe", holds(1, 1)))), waits("", said("zoe at_capacity"))},
		{"not without a seat", ownedBy("zoe", ask(owner(), candidate("zoe", withoutSeat, away))), waits("", said("zoe no_seat"))},
		{"not without access", ownedBy("zoe", ask(owner(), candidate("zoe", seesOnly("other"), away))), waits("", said("zoe no_inbox_access"))},
		{
			"though the previous assignee has it",
			previously("ann", ownedBy("zoe", ask(fallback, candidate("ann", in("f")), candidate("zoe", away)))),
			telling("zoe", through("f", assigned("ann", inbox.ReasonSticky, said("zoe away", "ann chosen")))),
		},
		{
			"and assigned when availability is ignored",
			ownedBy("zoe", ask(ignoringAvailability(owner()), candidate("zoe", away))),
			telling("zoe", toOfflineAssignee(assigned("zoe", inbox.ReasonOwner, said("zoe chosen")))),
		},
		{
			"not by another rule",
			ownedBy("zoe", ask(specific("zoe"), candidate("zoe", away))),
			waits("", said("zoe away")),
		},
	})
}

func TestWithAvailabilityIgnoredOfflineAgentsAreAssigned(t *testing.T) {
	ann := ignoringAvailability(specific("ann"))
	later := mondays("12:00-13:00")
	offline := toOfflineAssignee(assigned("ann", inbox.ReasonRule, said("ann chosen")))
	checkAssign(t, []assignCase{
		{"away", ask(ann, candidate("ann", away)), offline},
		{"outside the agent's hours", ask(ann, candidate("ann", works(later))), offline},
		{"outside the channel's hours", ask(openOn(later, ann), candidate("ann")), offline},
		{"and one who is there is not offline", ask(ann, candidate("ann")), assigned("ann", inbox.ReasonRule, said("ann chosen"))},
	})
}

func TestRetryAtIsWhenHoursMakeSomebodyEligible(t *testing.T) {
	both := specific("ann", "ben")
	at := func(hour, minute int) time.Time {
		return time.Date(2026, time.November, 23, hour, minute, 0, 0, time.UTC)
	}
	retryAt := func(q inbox.AssignmentQuestion, want time.Time) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			d := routing.Assign(q)
			if d.Outcome != inbox.OutcomeWaiting || !d.RetryAt.Equal(want) {
				t.Errorf("got %s until %v, want waiting until %v", d.Outcome, d.RetryAt, want)
			}
		}
	}
	t.Parallel()
	t.Run("the earliest of several", retryAt(ask(both,
		candidate("ann", works(mondays("14:00-18:00"))), candidate("ben", works(mondays("12:30-13:00")))), at(12, 30)))
	t.Run("both the agent's and the channel's", retryAt(ask(openOn(mondays("11:00-12:00", "15:00-17:00"), both),
		candidate("ann", works(mondays("13:00-16:00")))), at(15, 0)))
	t.Run("a fallback member's", retryAt(ask(fallingBackTo("f", specific("ann")),
		candidate("ann", works(mondays("14:00-18:00"))), candidate("cy", in("f"), works(mondays("12:00-13:00")))), at(12, 0)))
	t.Run("next week's, the day being over", retryAt(ask(both,
		candidate("ann", works(mondays("08:00-10:00")))), at(8, 0).AddDate(0, 0, 7)))
	t.Run("not an away agent's", retryAt(ask(both, candidate("ann", away, works(mondays("12:00-13:00")))), time.Time{}))
	t.Run("not an away agent's, the channel being closed", retryAt(ask(openOn(mondays("12:00-13:00"), both), candidate("ann", away)), time.Time{}))
	t.Run("not a full agent's", retryAt(ask(both, candidate("ann", holds(1, 1), works(mondays("12:00-13:00")))), time.Time{}))
	t.Run("not a seatless agent's", retryAt(ask(both, candidate("ann", withoutSeat, works(mondays("12:00-13:00")))), time.Time{}))
	t.Run("none when agent's and channel's never meet", retryAt(ask(openOn(mondays("11:00-12:00"), both),
		candidate("ann", works(mondays("13:00-14:00")))), time.Time{}))
}

func TestAssignLeavesTheQuestionAsItWas(t *testing.T) {
	t.Parallel()
	q := ask(specific("ann", "ben"), candidate("cy"), candidate("ben"), candidate("ann"))
	before := slices.Clone(q.Candidates)
	routing.Assign(q)
	if !reflect.DeepEqual(q.Candidates, before) {
		t.Errorf("candidates were changed: %+v", q.Candidates)
	}
}

package routing_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"switchboard/inbox"
	"switchboard/routing"
)

var (
	agentIDs = []string{"ann", "ben", "cy", "dee", "eve", "fay", "gus", "hal"}
	teamIDs  = []string{"t1", "t2", "t3"}
)

func drawSome(t *rapid.T, from []string, label string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(id string) bool { return rapid.Bool().Draw(t, label+" without "+id) })
}

func drawMaybe(t *rapid.T, from []string, label string) string {
	return rapid.SampledFrom(append([]string{""}, from...)).Draw(t, label)
}

func drawMaybeHours(t *rapid.T, label string) *inbox.Hours {
	if rapid.Bool().Draw(t, label+" always") {
		return nil
	}
	return drawHours(t, label)
}

func drawCandidate(t *rapid.T, id string) inbox.Candidate {
	active := rapid.IntRange(0, 4).Draw(t, id+" active")
	return inbox.Candidate{
		Agent: inbox.Agent{
			ID:           id,
			Admin:        rapid.Bool().Draw(t, id+" admin"),
			Seat:         rapid.IntRange(0, 3).Draw(t, id+" seat") > 0,
			Availability: rapid.SampledFrom([]inbox.Availability{"available", "available", "away", "busy", ""}).Draw(t, id+" availability"),
			Capacity:     rapid.IntRange(0, 4).Draw(t, id+" capacity"),
			Hours:        drawMaybeHours(t, id+" hours"),
			InboxIDs:     drawSome(t, []string{"inbox", "other"}, id+" inboxes"),
		},
		TeamIDs:        drawSome(t, teamIDs, id+" teams"),
		Active:         active,
		ActiveInInbox:  rapid.IntRange(0, active).Draw(t, id+" active in inbox"),
		LastAssignedAt: monday.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, id+" assigned")) * time.Hour),
	}
}

func drawQuestion(t *rapid.T) inbox.AssignmentQuestion {
	q := inbox.AssignmentQuestion{
		At:      drawMoment(t, "at"),
		InboxID: "inbox",
		Rule: inbox.Assignment{
			Mode:           rapid.SampledFrom([]inbox.AssignmentMode{"off", "specific", "specific", "owner", "owner"}).Draw(t, "mode"),
			AgentIDs:       drawSome(t, agentIDs, "named"),
			TeamIDs:        drawSome(t, teamIDs, "teams"),
			OnlyAvailable:  rapid.IntRange(0, 2).Draw(t, "only available") > 0,
			Strategy:       rapid.SampledFrom([]inbox.Strategy{"", "round_robin", "least_busy"}).Draw(t, "strategy"),
			FallbackTeamID: drawMaybe(t, teamIDs, "fallback"),
			Hours:          drawMaybeHours(t, "channel"),
		},
		ContactOwnerID:     drawMaybe(t, agentIDs, "owner"),
		PreviousAssigneeID: drawMaybe(t, agentIDs, "previous"),
		InboxCapacity:      rapid.IntRange(0, 3).Draw(t, "inbox capacity"),
	}
	if rapid.IntRange(0, 3).Draw(t, "given to a team") == 0 {
		q.TeamID = drawMaybe(t, teamIDs, "team")
	}
	if rapid.Bool().Draw(t, "somebody passed") {
		q.PassedAgentIDs = drawSome(t, agentIDs, "passed")
	}
	for _, id := range drawSome(t, agentIDs, "candidates") {
		q.Candidates = append(q.Candidates, drawCandidate(t, id))
	}
	return q
}

// ringOf says again, in other words than Assign, where the rule has a
// candidate: 0 nowhere, 1 first, 2 fallback.
func ringOf(q inbox.AssignmentQuestion, c inbox.Candidate) int {
	member := func(teamID string) bool { return slices.Contains(c.TeamIDs, teamID) }
	if q.TeamID != "" {
		if member(q.TeamID) {
			return 1
		}
		return 0
	}
	named := q.Rule.Mode == "specific" && (slices.Contains(q.Rule.AgentIDs, c.Agent.ID) || slices.ContainsFunc(q.Rule.TeamIDs, member))
	owns := q.Rule.Mode == "owner" && c.Agent.ID == q.ContactOwnerID
	switch {
	case named || owns:
		return 1
	case q.Rule.Mode != "off" && member(q.Rule.FallbackTeamID):
		return 2
	}
	return 0
}

// mayReceive says again, in other words than Assign, who is eligible.
func mayReceive(q inbox.AssignmentQuestion, c inbox.Candidate) bool {
	a := c.Agent
	sees := a.Admin || len(a.InboxIDs) == 0 || slices.Contains(a.InboxIDs, q.InboxID)
	there := a.Availability == "available" && wallOpen(a.Hours, q.At) && wallOpen(q.Rule.Hours, q.At)
	room := (a.Capacity == 0 || c.Active < a.Capacity) && (q.InboxCapacity == 0 || c.ActiveInInbox < q.InboxCapacity)
	return ringOf(q, c) > 0 && a.Seat && sees && room &&
		!slices.Contains(q.PassedAgentIDs, a.ID) && (there || !q.Rule.OnlyAvailable)
}

func TestOnlyEligibleAgentsAreChosenAndSomebodyAlwaysIsIfEligible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		d := routing.Assign(q)
		firstRing := 0
		for _, c := range q.Candidates {
			if mayReceive(q, c) && (firstRing == 0 || ringOf(q, c) < firstRing) {
				firstRing = ringOf(q, c)
			}
		}
		if (firstRing > 0) != (d.Outcome == inbox.OutcomeAgent) {
			t.Fatalf("ring %d has an eligible agent, the outcome is %s", firstRing, d.Outcome)
		}
		for _, c := range q.Candidates {
			if c.Agent.ID != d.AssigneeID {
				continue
			}
			if !mayReceive(q, c) {
				t.Fatalf("%s is not eligible", d.AssigneeID)
			}
			if ringOf(q, c) != firstRing && c.Agent.ID != q.PreviousAssigneeID {
				t.Fatalf("%s of ring %d overtook ring %d", d.AssigneeID, ringOf(q, c), firstRing)
			}
		}
	})
}

func TestEveryCandidateOfTheRuleHasOneVerdict(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		d := routing.Assign(q)
		verdicts := map[string]inbox.Reason{}
		for _, v := range d.Candidates {
			verdicts[v.AgentID] = v.Reason
		}
		if len(verdicts) != len(d.Candidates) {
			t.Fatalf("an agent has two verdicts: %+v", d.Candidates)
		}
		for _, c := range q.Candidates {
			reason, ok := verdicts[c.Agent.ID]
			if ok != (ringOf(q, c) > 0) || ok == (reason == "") {
				t.Fatalf("%s in ring %d: verdict %q", c.Agent.ID, ringOf(q, c), reason)
			}
			if (reason == inbox.ReasonChosen) != (ok && c.Agent.ID == d.AssigneeID) {
				t.Fatalf("%s has verdict %s, the assignee is %q", c.Agent.ID, reason, d.AssigneeID)
			}
			if (reason == inbox.ReasonEligible || reason == inbox.ReasonChosen) && !mayReceive(q, c) {
				t.Fatalf("%s has verdict %s and is not eligible", c.Agent.ID, reason)
			}
		}
		if (d.Outcome == inbox.OutcomeAgent) != (d.AssigneeID != "") {
			t.Fatalf("outcome %s, assignee %q", d.Outcome, d.AssigneeID)
		}
	})
}

func TestTheOrderOfCandidatesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		shuffled := q
		shuffled.Candidates = rapid.Permutation(q.Candidates).Draw(t, "shuffled")
		if a, b := routing.Assign(q), routing.Assign(shuffled); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestRetryAtIsTheFirstMomentAtWhichSomebodyIsEligible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		d := routing.Assign(q)
		if d.Outcome != inbox.OutcomeWaiting {
			return
		}
		askAt := func(at time.Time) inbox.AssignmentDecision {
			return routing.Assign(with(q, func(q *inbox.AssignmentQuestion) { q.At = at }))
		}
		end := d.RetryAt
		if end.IsZero() {
			end = q.At.AddDate(0, 0, 60)
		} else if later := askAt(end); later.Outcome != inbox.OutcomeAgent {
			t.Fatalf("at %v the outcome is still %s: %+v", end, later.Outcome, later.Candidates)
		}
		last := int64(end.Sub(q.At)) - 1
		for _, step := range append(rapid.SliceOfN(rapid.Int64Range(0, last), 50, 50).Draw(t, "steps"), last) {
			at := q.At.Add(time.Duration(step))
			if sooner := askAt(at); sooner.Outcome != inbox.OutcomeWaiting {
				t.Fatalf("at %v already, not only at %v: %+v", at, d.RetryAt, sooner)
			}
		}
	})
}

// claim does to the candidates what the store does after a decision.
func claim(q *inbox.AssignmentQuestion, agentID string) {
	for i := range q.Candidates {
		if c := &q.Candidates[i]; c.Agent.ID == agentID {
			c.Active++
			c.LastAssignedAt = q.At
		}
	}
	q.At = q.At.Add(time.Second)
}

func TestRoundRobinIsFairWithinOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := ask(specific(agentIDs...))
		got := map[string]int{}
		for _, id := range agentIDs[:rapid.IntRange(1, len(agentIDs)).Draw(t, "agents")] {
			c := candidate(id, holds(rapid.IntRange(0, 9).Draw(t, id+" active"), 0))
			if rapid.Bool().Draw(t, id+" was assigned") {
				assignedMinutesAgo(rapid.IntRange(1, 6).Draw(t, id+" minutes ago"))(&c)
			}
			q.Candidates = append(q.Candidates, c)
			got[id] = 0
		}
		for range rapid.IntRange(1, 60).Draw(t, "conversations") {
			id := routing.Assign(q).AssigneeID
			got[id]++
			claim(&q, id)
			requireWithinOne(t, got)
		}
	})
}

func TestLeastBusyKeepsLoadsWithinOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := ask(leastBusy(specific(agentIDs...)))
		loads := map[string]int{}
		for _, id := range agentIDs[:rapid.IntRange(1, len(agentIDs)).Draw(t, "agents")] {
			loads[id] = rapid.IntRange(0, 1).Draw(t, id+" active")
			q.Candidates = append(q.Candidates, candidate(id,
				holds(loads[id], 0), assignedMinutesAgo(rapid.IntRange(0, 5).Draw(t, id+" minutes ago"))))
		}
		for range rapid.IntRange(1, 60).Draw(t, "conversations") {
			id := routing.Assign(q).AssigneeID
			loads[id]++
			claim(&q, id)
			requireWithinOne(t, loads)
		}
	})
}

func requireWithinOne(t *rapid.T, counts map[string]int) {
	var all []int
	for _, n := range counts {
		all = append(all, n)
	}
	if slices.Max(all)-slices.Min(all) > 1 {
		t.Fatalf("not fair: %v", counts)
	}
}

func TestAQueueDrainedOldestFirstLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := ask(specific(agentIDs...))
		q.Rule.Strategy = rapid.SampledFrom([]inbox.Strategy{inbox.RoundRobin, inbox.LeastBusy}).Draw(t, "strategy")
		for _, id := range agentIDs[:rapid.IntRange(1, 4).Draw(t, "agents")] {
			q.Candidates = append(q.Candidates, candidate(id, holds(0, rapid.IntRange(1, 3).Draw(t, id+" capacity"))))
		}
		var waiting, taken []int
		arrived := 0
		drain := func() {
			for len(waiting) > 0 {
				d := routing.Assign(q)
				if d.Outcome != inbox.OutcomeAgent {
					return
				}
				claim(&q, d.AssigneeID)
				taken, waiting = append(taken, waiting[0]), waiting[1:]
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			agent := &q.Candidates[rapid.IntRange(0, len(q.Candidates)-1).Draw(t, "agent")]
			if agent.Active > 0 && rapid.Bool().Draw(t, "closes") {
				agent.Active--
			} else {
				waiting = append(waiting, arrived)
				arrived++
			}
			drain()
			for _, c := range q.Candidates {
				if c.Active > c.Agent.Capacity {
					t.Fatalf("%s holds %d of %d", c.Agent.ID, c.Active, c.Agent.Capacity)
				}
				if c.Active < c.Agent.Capacity && len(waiting) > 0 {
					t.Fatalf("%s has room while %v wait", c.Agent.ID, waiting)
				}
			}
			if !slices.IsSorted(taken) {
				t.Fatalf("overtaken: %v", taken)
			}
		}
	})
}

package routing_test

import (
	"strings"
	"time"
	_ "time/tzdata"

	"switchboard/inbox"
)

// monday is at ten o'clock in UTC.
var monday = time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)

// candidate is an agent who is eligible everywhere, changed.
func candidate(id string, changes ...func(*inbox.Candidate)) inbox.Candidate {
	c := inbox.Candidate{Agent: inbox.Agent{ID: id, Seat: true, Availability: inbox.Available}}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func withoutSeat(c *inbox.Candidate) { c.Agent.Seat = false }
func away(c *inbox.Candidate)        { c.Agent.Availability = inbox.Away }
func admin(c *inbox.Candidate)       { c.Agent.Admin = true }

func status(a inbox.Availability) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.Agent.Availability = a }
}

func in(teamIDs ...string) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.TeamIDs = teamIDs }
}

func seesOnly(inboxIDs ...string) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.Agent.InboxIDs = inboxIDs }
}

func holds(active, capacity int) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.Active, c.Agent.Capacity = active, capacity }
}

func holdsInInbox(active int) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.Active, c.ActiveInInbox = active, active }
}

func assignedMinutesAgo(minutes int) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.LastAssignedAt = monday.Add(-time.Duration(minutes) * time.Minute) }
}

func works(h *inbox.Hours) func(*inbox.Candidate) {
	return func(c *inbox.Candidate) { c.Agent.Hours = h }
}

// mondays are hours in UTC on Mondays, such as "09:00-17:00".
func mondays(ranges ...string) *inbox.Hours { return hours("UTC", "monday", ranges...) }

func hours(zone string, day inbox.Weekday, ranges ...string) *inbox.Hours {
	h := &inbox.Hours{TimeZone: zone}
	for _, r := range ranges {
		from, to, _ := strings.Cut(r, "-")
		h.Ranges = append(h.Ranges, inbox.HoursRange{Day: day, From: from, To: to})
	}
	return h
}

func specific(agentIDs ...string) inbox.Assignment {
	rule := inbox.DefaultAssignment()
	rule.Mode, rule.AgentIDs = inbox.AssignSpecific, agentIDs
	return rule
}

func teams(teamIDs ...string) inbox.Assignment {
	rule := inbox.DefaultAssignment()
	rule.Mode, rule.TeamIDs = inbox.AssignSpecific, teamIDs
	return rule
}

func owner() inbox.Assignment {
	rule := inbox.DefaultAssignment()
	rule.Mode = inbox.AssignOwner
	return rule
}

func ignoringAvailability(rule inbox.Assignment) inbox.Assignment {
	rule.OnlyAvailable = false
	return rule
}

func leastBusy(rule inbox.Assignment) inbox.Assignment {
	rule.Strategy = inbox.LeastBusy
	return rule
}

func fallingBackTo(teamID string, rule inbox.Assignment) inbox.Assignment {
	rule.FallbackTeamID = teamID
	return rule
}

func openOn(h *inbox.Hours, rule inbox.Assignment) inbox.Assignment {
	rule.Hours = h
	return rule
}

func ask(rule inbox.Assignment, candidates ...inbox.Candidate) inbox.AssignmentQuestion {
	return inbox.AssignmentQuestion{At: monday, InboxID: "inbox", Rule: rule, Candidates: candidates}
}

func with(q inbox.AssignmentQuestion, change func(*inbox.AssignmentQuestion)) inbox.AssignmentQuestion {
	change(&q)
	return q
}

func ownedBy(agentID string, q inbox.AssignmentQuestion) inbox.AssignmentQuestion {
	q.ContactOwnerID = agentID
	return q
}

func previously(agentID string, q inbox.AssignmentQuestion) inbox.AssignmentQuestion {
	q.PreviousAssigneeID = agentID
	return q
}

func givenTo(teamID string, q inbox.AssignmentQuestion) inbox.AssignmentQuestion {
	q.TeamID = teamID
	return q
}

// said lists verdicts written "agent reason".
func said(lines ...string) []inbox.Verdict {
	list := make([]inbox.Verdict, len(lines))
	for i, line := range lines {
		agentID, reason, _ := strings.Cut(line, " ")
		list[i] = inbox.Verdict{AgentID: agentID, Reason: inbox.Reason(reason)}
	}
	return list
}

func assigned(agentID string, reason inbox.Reason, candidates []inbox.Verdict) inbox.AssignmentDecision {
	return inbox.AssignmentDecision{
		Outcome: inbox.OutcomeAgent, Reason: reason, AssigneeID: agentID, Candidates: candidates,
	}
}

func waits(teamID string, candidates []inbox.Verdict) inbox.AssignmentDecision {
	return inbox.AssignmentDecision{
		Outcome: inbox.OutcomeWaiting, Reason: inbox.ReasonNobody, TeamID: teamID, Candidates: candidates,
	}
}

func through(teamID string, d inbox.AssignmentDecision) inbox.AssignmentDecision {
	d.TeamID = teamID
	return d
}

func telling(ownerID string, d inbox.AssignmentDecision) inbox.AssignmentDecision {
	d.OwnerOffline = ownerID
	return d
}

func toOfflineAssignee(d inbox.AssignmentDecision) inbox.AssignmentDecision {
	d.AssigneeOffline = true
	return d
}

func until(at time.Time, d inbox.AssignmentDecision) inbox.AssignmentDecision {
	d.RetryAt = at
	return d
}

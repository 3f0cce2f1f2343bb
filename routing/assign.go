package routing

import (
	"cmp"
	"slices"
	"strings"

	"switchboard/inbox"
)

// Assign decides who answers a conversation (G3 to G8, B1 to B4, B7), with a
// verdict for every candidate the rule leads to (B6).
//
// The rule's agents are asked first, the fallback team's members when none of
// them is eligible. The previous assignee goes before everybody as long as he is
// eligible and the rule still leads to him. A conversation that was given to a
// team stays within that team, whatever the rule's mode.
//
// Hours that cannot be read count as closed; CheckHours keeps them out of
// settings.
func Assign(q inbox.AssignmentQuestion) inbox.AssignmentDecision {
	rings := ringsOf(q)
	if len(rings) == 0 {
		return inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonOff}
	}
	check := newEligibility(q)
	contenders := contendersOf(q, rings, check)

	chosen := choose(q, contenders)
	if chosen == nil {
		return inbox.AssignmentDecision{
			Outcome:      inbox.OutcomeWaiting,
			Reason:       waitingReason(q, rings),
			TeamID:       waitingTeam(rings),
			Candidates:   verdicts(contenders),
			RetryAt:      check.retryAt(contenders),
			OwnerOffline: ownerOffline(rings, contenders, check),
		}
	}

	reason := rings[chosen.ring].reason
	if chosen.Agent.ID == q.PreviousAssigneeID {
		reason = inbox.ReasonSticky
	}
	if reason != inbox.ReasonFallback {
		spareFallback(rings, contenders)
	}
	chosen.verdict = inbox.ReasonChosen
	return inbox.AssignmentDecision{
		Outcome:         inbox.OutcomeAgent,
		Reason:          reason,
		AssigneeID:      chosen.Agent.ID,
		TeamID:          chosen.teamID,
		Candidates:      verdicts(contenders),
		OwnerOffline:    ownerOffline(rings, contenders, check),
		AssigneeOffline: check.absence(chosen.Candidate) != "",
	}
}

// ring is a group of agents asked together; a later ring is asked only when
// nobody of the earlier ones is eligible.
type ring struct {
	reason   inbox.Reason
	agentIDs []string
	teamIDs  []string
}

// ringsOf returns no ring when nothing is to be assigned automatically.
func ringsOf(q inbox.AssignmentQuestion) []ring {
	var first ring
	switch {
	case q.TeamID != "":
		return []ring{{reason: inbox.ReasonRule, teamIDs: []string{q.TeamID}}}
	case q.Rule.Mode == inbox.AssignSpecific:
		first = ring{reason: inbox.ReasonRule, agentIDs: q.Rule.AgentIDs, teamIDs: q.Rule.TeamIDs}
	case q.Rule.Mode == inbox.AssignOwner:
		first = ring{reason: inbox.ReasonOwner, agentIDs: []string{q.ContactOwnerID}}
	default:
		return nil
	}
	rings := []ring{first}
	if q.Rule.FallbackTeamID != "" {
		rings = append(rings, ring{reason: inbox.ReasonFallback, teamIDs: []string{q.Rule.FallbackTeamID}})
	}
	return rings
}

// leadsTo reports whether the candidate is in the ring, and through which of
// its teams; the team is "" for an agent who is only named himself.
func (r ring) leadsTo(c *inbox.Candidate) (teamID string, ok bool) {
	for _, id := range r.teamIDs {
		if slices.Contains(c.TeamIDs, id) {
			return id, true
		}
	}
	return "", slices.Contains(r.agentIDs, c.Agent.ID)
}

// contender is a candidate in the first ring that leads to him.
type contender struct {
	*inbox.Candidate
	ring    int
	teamID  string
	verdict inbox.Reason
}

// contendersOf returns the candidates of the rings, by ring and agent id.
func contendersOf(q inbox.AssignmentQuestion, rings []ring, check eligibility) []contender {
	contenders := make([]contender, 0, len(q.Candidates))
	for i := range q.Candidates {
		c := &q.Candidates[i]
		for number, r := range rings {
			if teamID, ok := r.leadsTo(c); ok {
				contenders = append(contenders, contender{c, number, teamID, check.verdict(c)})
				break
			}
		}
	}
	slices.SortFunc(contenders, func(a, b contender) int {
		return cmp.Or(cmp.Compare(a.ring, b.ring), strings.Compare(a.Agent.ID, b.Agent.ID))
	})
	return contenders
}

// choose returns the previous assignee when he is eligible, else the strategy's
// first of the first ring with somebody eligible, else nil.
func choose(q inbox.AssignmentQuestion, contenders []contender) *contender {
	var chosen *contender
	for i := range contenders {
		c := &contenders[i]
		if c.verdict != inbox.ReasonEligible {
			continue
		}
		if c.Agent.ID == q.PreviousAssigneeID {
			return c
		}
		if chosen == nil || goesBefore(q.Rule.Strategy, c, chosen) {
			chosen = c
		}
	}
	return chosen
}

// goesBefore orders eligible contenders (B1): the earlier ring, with
// least_busy the fewer active conversations, the longer without an assignment,
// the smaller id.
func goesBefore(strategy inbox.Strategy, a, b *contender) bool {
	byLoad := 0
	if strategy == inbox.LeastBusy {
		byLoad = cmp.Compare(a.Active, b.Active)
	}
	return cmp.Or(
		cmp.Compare(a.ring, b.ring),
		byLoad,
		a.LastAssignedAt.Compare(b.LastAssignedAt),
		strings.Compare(a.Agent.ID, b.Agent.ID),
	) < 0
}

func spareFallback(rings []ring, contenders []contender) {
	for i := range contenders {
		if rings[contenders[i].ring].reason == inbox.ReasonFallback {
			contenders[i].verdict = inbox.ReasonFallbackNotAsked
		}
	}
}

func verdicts(contenders []contender) []inbox.Verdict {
	list := make([]inbox.Verdict, len(contenders))
	for i, c := range contenders {
		list[i] = inbox.Verdict{AgentID: c.Agent.ID, Reason: c.verdict}
	}
	return list
}

func waitingReason(q inbox.AssignmentQuestion, rings []ring) inbox.Reason {
	onlyTheOwner := rings[len(rings)-1].reason == inbox.ReasonOwner
	if onlyTheOwner && q.ContactOwnerID == "" {
		return inbox.ReasonNoOwnerYet
	}
	return inbox.ReasonNobody
}

// waitingTeam is the team whose queue the conversation waits in: the last ring,
// when that is a single team.
func waitingTeam(rings []ring) string {
	if last := rings[len(rings)-1]; len(last.teamIDs) == 1 {
		return last.teamIDs[0]
	}
	return ""
}

// ownerOffline returns the owner whom the rule led to and who is to be told by
// mail (G6), unless he may not see the conversation (E10).
func ownerOffline(rings []ring, contenders []contender, check eligibility) string {
	for _, c := range contenders {
		if rings[c.ring].reason == inbox.ReasonOwner && c.Agent.Seat && c.Agent.CanSee(check.q.InboxID) &&
			check.absence(c.Candidate) != "" {
			return c.Agent.ID
		}
	}
	return ""
}

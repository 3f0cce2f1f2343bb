package routing

import (
	"cmp"
	"slices"
	"time"

	"switchboard/inbox"
)

// eligibility says who may receive a question's conversation.
type eligibility struct {
	q           inbox.AssignmentQuestion
	channelOpen bool
}

func newEligibility(q inbox.AssignmentQuestion) eligibility {
	return eligibility{q: q, channelOpen: isOpen(q.Rule.Hours, q.At)}
}

// verdict is the first thing that keeps the candidate from the conversation,
// ReasonEligible when nothing does.
func (e eligibility) verdict(c *inbox.Candidate) inbox.Reason {
	switch {
	case !c.Agent.Seat:
		return inbox.ReasonNoSeat
	case !c.Agent.CanSee(e.q.InboxID):
		return inbox.ReasonNoInboxAccess
	case e.q.Kind == inbox.KindCall && c.Agent.Phone == "":
		return inbox.ReasonNoPhone
	case slices.Contains(e.q.PassedAgentIDs, c.Agent.ID):
		return inbox.ReasonLetItPass
	}
	if e.q.Rule.OnlyAvailable {
		if reason := e.absence(c); reason != "" {
			return reason
		}
	}
	return cmp.Or(e.fullness(c), inbox.ReasonEligible)
}

// absence says why the candidate is not there to answer, "" when he is (G7, B7).
func (e eligibility) absence(c *inbox.Candidate) inbox.Reason {
	if !e.channelOpen {
		return inbox.ReasonChannelClosed
	}
	return absence(c.Agent, e.q.At)
}

// fullness says which capacity the candidate has reached, "" for none (B1).
func (e eligibility) fullness(c *inbox.Candidate) inbox.Reason {
	switch {
	case reached(c.Agent.Capacity, c.Active):
		return inbox.ReasonAtCapacity
	case reached(e.q.InboxCapacity, c.ActiveInInbox):
		return inbox.ReasonAtInboxCapacity
	default:
		return ""
	}
}

func reached(capacity, active int) bool { return capacity > 0 && active >= capacity }

// retryAt is the first moment at which hours alone make one of the contenders
// eligible; zero when they never do.
func (e eligibility) retryAt(contenders []contender) time.Time {
	channel, err := readHours(e.q.Rule.Hours)
	if err != nil {
		return time.Time{}
	}
	var earliest time.Time
	for _, c := range contenders {
		if !e.waitsForHours(c) {
			continue
		}
		hours, err := readHours(c.Agent.Hours)
		if err != nil {
			continue
		}
		at, ok := bothOpen(channel, hours, e.q.At)
		if ok && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	return earliest
}

func (e eligibility) waitsForHours(c contender) bool {
	outside := c.verdict == inbox.ReasonOutsideHours || c.verdict == inbox.ReasonChannelClosed
	return outside && c.Agent.Availability == inbox.Available && e.fullness(c.Candidate) == ""
}

// Present reports whether the agent can be reached: has a seat (G8), is
// available and within his hours. Such an agent keeps a chat open (C6).
func Present(a inbox.Agent, at time.Time) bool { return a.Seat && absence(a, at) == "" }

// absence is an allow-list: whatever is not available is away.
func absence(a inbox.Agent, at time.Time) inbox.Reason {
	switch {
	case a.Availability != inbox.Available:
		return inbox.ReasonAway
	case !isOpen(a.Hours, at):
		return inbox.ReasonOutsideHours
	default:
		return ""
	}
}

func isOpen(h *inbox.Hours, at time.Time) bool {
	open, err := Open(h, at)
	return err == nil && open
}

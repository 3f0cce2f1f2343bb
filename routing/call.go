package routing

import (
	"cmp"
	"slices"
	"time"

	"switchboard/inbox"
)

const (
	// callWaits is how long a caller waits for one decision; then voicemail is
	// better.
	callWaits = 20 * time.Second
	// callRings is how many phones ring for one call at the most.
	callRings = 6
)

// NextCallStep decides what is done with a caller now (P2, P3). Asked again
// before anything changed, it answers the same. A phone rings only when it is
// verified and not in use for another call, each agent's once; and the caller comes to an agent or to voicemail
// within a bound: callRings rings, with at most callWaits before each and after
// the last.
func NextCallStep(q inbox.CallQuestion) inbox.CallStep {
	switch q.Call.State {
	case inbox.CallRinging:
		if q.Phone == "" {
			return inbox.CallStep{Action: inbox.CallPass, AgentID: q.Call.AgentID, Reason: inbox.ReasonNoPhone}
		}
		return inbox.CallStep{Action: inbox.CallRing, AgentID: q.Call.AgentID}
	case inbox.CallVoicemail:
		return inbox.CallStep{Action: inbox.CallVoice, Reason: q.Call.Reason}
	case inbox.CallRouting:
		return routeCall(q)
	default:
		return inbox.CallStep{Action: inbox.CallHangUp}
	}
}

func routeCall(q inbox.CallQuestion) inbox.CallStep {
	rung := q.Call.RungAgentIDs
	had := slices.Contains(rung, q.AssigneeID) || slices.Contains(q.PassedAgentIDs, q.AssigneeID)
	voicemail := func(reason inbox.Reason) inbox.CallStep {
		return inbox.CallStep{Action: inbox.CallVoice, Reason: reason}
	}
	switch {
	case len(rung) == 0 && !isOpen(q.Hours, q.At):
		return voicemail(inbox.ReasonChannelClosed)
	case !q.Status.Active():
		return voicemail(inbox.ReasonNotRouted)
	case q.AssigneeID == "" && q.Outcome != "":
		return voicemail(nobodyFor(q))
	case len(rung) >= callRings:
		return voicemail(inbox.ReasonUnanswered)
	case q.AssigneeID != "" && !had && q.Phone == "":
		return inbox.CallStep{Action: inbox.CallPass, AgentID: q.AssigneeID, Reason: inbox.ReasonNoPhone}
	case q.AssigneeID != "" && !had && q.OnCall:
		return inbox.CallStep{Action: inbox.CallPass, AgentID: q.AssigneeID, Reason: inbox.ReasonOnCall}
	case q.AssigneeID != "" && !had:
		return inbox.CallStep{Action: inbox.CallRing, AgentID: q.AssigneeID}
	case q.At.Sub(q.Call.ChangedAt) >= callWaits:
		return voicemail(inbox.ReasonUndecided)
	default:
		return inbox.CallStep{Action: inbox.CallWait}
	}
}

// nobodyFor is why a decided call has no assignee.
func nobodyFor(q inbox.CallQuestion) inbox.Reason {
	switch {
	case len(q.Call.RungAgentIDs) > 0:
		return inbox.ReasonUnanswered
	case q.Outcome == inbox.OutcomeTriage:
		return inbox.ReasonOff
	default:
		return inbox.ReasonNobody
	}
}

// FollowCall says what a conversation has to follow of its call: whether its
// assignee let the call pass (B4), and who is told of a missed one: the contact's
// owner, or else whose turn it was last (G6, P3).
func FollowCall(call inbox.Call, assigneeID, ownerID string) inbox.CallNews {
	news := inbox.CallNews{
		Unanswered: call.State == inbox.CallRouting && assigneeID != "" && slices.Contains(call.RungAgentIDs, assigneeID),
	}
	if missed := cmp.Or(ownerID, call.AgentID, assigneeID); call.Reason != "" && missed != "" {
		news.Tell = []string{missed}
	}
	return news
}

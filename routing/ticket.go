package routing

import (
	"cmp"
	"slices"

	"switchboard/inbox"
)

// Ticket decides whether a conversation gets a ticket, and with which pipeline,
// stage, priority and owner (G10 to G13, F4, F6). A pipeline or stage that is
// not chosen or no longer exists is the first one.
func Ticket(q inbox.TicketQuestion) inbox.TicketDecision {
	limit := q.Account.TicketsPerContact
	pipeline, stage, found := stageFor(q.Pipelines, q.Defaults)
	switch {
	case q.Existing != "":
		return inbox.TicketDecision{Reason: inbox.ReasonTicketExists, TicketID: q.Existing}
	case !q.Defaults.Enabled:
		return inbox.TicketDecision{Reason: inbox.ReasonTicketsOff}
	case !q.Account.TicketsFromChannels:
		return inbox.TicketDecision{Reason: inbox.ReasonTicketPolicy}
	case q.Unwritten:
		return inbox.TicketDecision{Reason: inbox.ReasonTicketUnwritten}
	case q.ContactID == "":
		return inbox.TicketDecision{Reason: inbox.ReasonTicketNoContact}
	case limit > 0 && q.ContactTickets >= limit:
		return inbox.TicketDecision{Reason: inbox.ReasonTicketLimit}
	case !found:
		return inbox.TicketDecision{Reason: inbox.ReasonTicketNoStage}
	}
	return inbox.TicketDecision{
		Create:     true,
		Reason:     inbox.ReasonTicketCreated,
		PipelineID: pipeline,
		StageID:    stage,
		OwnerID:    ticketOwner(q),
		Priority:   cmp.Or(q.Defaults.Priority, inbox.PriorityNormal),
	}
}

// stageFor finds nothing when no pipeline has a stage.
func stageFor(pipelines []inbox.Pipeline, defaults inbox.TicketDefaults) (pipelineID, stageID string, found bool) {
	usable := slices.DeleteFunc(slices.Clone(pipelines), func(p inbox.Pipeline) bool { return len(p.Stages) == 0 })
	if len(usable) == 0 {
		return "", "", false
	}
	pipeline := usable[max(0, slices.IndexFunc(usable, func(p inbox.Pipeline) bool { return p.ID == defaults.PipelineID }))]
	stage := pipeline.Stages[max(0, slices.IndexFunc(pipeline.Stages, func(s inbox.Stage) bool { return s.ID == defaults.StageID }))]
	return pipeline.ID, stage.ID, true
}

// ticketOwner is the assignee unless the channel says otherwise (G11).
func ticketOwner(q inbox.TicketQuestion) string {
	switch q.Defaults.Owner {
	case inbox.TicketOwnerContactOwner:
		return q.ContactOwnerID
	case inbox.TicketOwnerNone:
		return ""
	case inbox.TicketOwnerAgent:
		return q.Defaults.OwnerAgentID
	default:
		return q.AssigneeID
	}
}

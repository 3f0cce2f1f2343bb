package inbox

import "time"

// TicketOwner says who owns a channel's tickets (G11).
type TicketOwner string

const (
	TicketOwnerAssignee     TicketOwner = "assignee"
	TicketOwnerContactOwner TicketOwner = "contact_owner"
	TicketOwnerNone         TicketOwner = "none"
	TicketOwnerAgent        TicketOwner = "agent"
)

// TicketDefaults are a channel's ticket settings (G10, G11).
type TicketDefaults struct {
	Enabled bool `json:"enabled"`
	// PipelineID "" is the account's first pipeline, StageID "" its first stage.
	PipelineID   string            `json:"pipeline_id,omitempty"`
	StageID      string            `json:"stage_id,omitempty"`
	Priority     Priority          `json:"priority"`
	Owner        TicketOwner       `json:"owner"`
	OwnerAgentID string            `json:"owner_agent_id,omitempty"`
	Properties   map[string]string `json:"properties,omitempty"`
}

// DefaultTickets are off, for the assignee (G10, G11).
func DefaultTickets() TicketDefaults {
	return TicketDefaults{Priority: PriorityNormal, Owner: TicketOwnerAssignee}
}

// Ticket is the record of one conversation's matter.
type Ticket struct {
	ID             string
	ConversationID string
	InboxID        string
	ContactID      string
	PipelineID     string
	StageID        string
	Priority       Priority
	OwnerID        string
	Name           string
	Description    string
	Properties     map[string]string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Pipeline is an ordered list of stages a ticket goes through.
type Pipeline struct {
	ID     string
	Name   string
	Stages []Stage
}

// Stage is one step of a pipeline.
type Stage struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Account is the account-wide policy.
type Account struct {
	// Name is the company's, used in mail.
	Name string
	// TicketsFromChannels allows channels to create tickets at all (G13).
	TicketsFromChannels bool
	// TicketsPerContact is the limit of tickets of one contact (G12); 0 is none.
	TicketsPerContact int
	// CloseAfterQuiet closes a conversation nobody wrote in for so long; 0 is
	// never.
	CloseAfterQuiet time.Duration
}

// TicketQuestion is what the ticket policy is asked (G10 to G13, F3 to F6).
type TicketQuestion struct {
	Account  Account
	Defaults TicketDefaults
	// Existing is the conversation's ticket, "" when it has none.
	Existing string
	// ContactID is "" when nobody knows yet who is writing: no ticket.
	ContactID string
	// Unwritten: an agent began the conversation and nobody has answered (E9).
	Unwritten bool
	// ContactTickets is how many tickets the contact has.
	ContactTickets int
	AssigneeID     string
	ContactOwnerID string
	Pipelines      []Pipeline
}

// TicketDecision is the ticket policy's answer.
type TicketDecision struct {
	Create     bool     `json:"create"`
	Reason     Reason   `json:"reason"`
	PipelineID string   `json:"pipeline_id,omitempty"`
	StageID    string   `json:"stage_id,omitempty"`
	OwnerID    string   `json:"owner_id,omitempty"`
	Priority   Priority `json:"priority,omitempty"`
	// TicketID is the ticket that exists after the decision was carried out.
	TicketID string `json:"ticket_id,omitempty"`
}

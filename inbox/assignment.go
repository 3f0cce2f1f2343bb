package inbox

import "time"

// Reason is a stable code that explains a decision (B6).
type Reason string

// Reasons of an assignment as a whole.
const (
	ReasonOff        Reason = "assignment_off"
	ReasonOwner      Reason = "contact_owner"
	ReasonRule       Reason = "rule"
	ReasonFallback   Reason = "fallback_team"
	ReasonSticky     Reason = "previous_assignee"
	ReasonNobody     Reason = "nobody_eligible"
	ReasonManual     Reason = "manual"
	ReasonAnswered   Reason = "answered"
	ReasonStands     Reason = "already_assigned"
	ReasonNotRouted  Reason = "not_active"
	ReasonNoOwnerYet Reason = "contact_has_no_owner"
)

// Reasons for one candidate.
const (
	ReasonChosen           Reason = "chosen"
	ReasonEligible         Reason = "eligible"
	ReasonNoSeat           Reason = "no_seat"
	ReasonAway             Reason = "away"
	ReasonOutsideHours     Reason = "outside_hours"
	ReasonChannelClosed    Reason = "outside_channel_hours"
	ReasonAtCapacity       Reason = "at_capacity"
	ReasonAtInboxCapacity  Reason = "at_inbox_capacity"
	ReasonLetItPass        Reason = "let_it_pass"
	ReasonNoInboxAccess    Reason = "no_inbox_access"
	ReasonNoPhone          Reason = "no_phone"
	ReasonFallbackNotAsked Reason = "fallback_not_needed"
)

// Reasons of a ticket decision.
const (
	ReasonTicketCreated   Reason = "created"
	ReasonTicketExists    Reason = "exists"
	ReasonTicketsOff      Reason = "tickets_off"
	ReasonTicketPolicy    Reason = "account_policy"
	ReasonTicketLimit     Reason = "contact_limit"
	ReasonTicketNoContact Reason = "no_contact"
	ReasonTicketNoStage   Reason = "no_pipeline"
	ReasonTicketUnwritten Reason = "nobody_wrote"
)

// Outcome is what an assignment came to.
type Outcome string

const (
	// OutcomeAgent is an assignee.
	OutcomeAgent Outcome = "agent"
	// OutcomeWaiting is queued, nobody being eligible; a team may be named.
	OutcomeWaiting Outcome = "waiting"
	// OutcomeTriage is left to the team: the rule is off.
	OutcomeTriage Outcome = "triage"
)

// AssignmentQuestion is everything routing.Assign needs to know.
type AssignmentQuestion struct {
	At      time.Time
	InboxID string
	// Kind is the channel's: a call goes to agents with a phone (P2).
	Kind ChannelKind
	Rule Assignment
	// TeamID narrows the rule to one team: the conversation was given to it.
	TeamID string
	// ContactOwnerID is "" when the contact has no owner.
	ContactOwnerID string
	// PreviousAssigneeID had the conversation before it reopened (B1 sticky, B3).
	PreviousAssigneeID string
	// PassedAgentIDs let this episode pass (B4).
	PassedAgentIDs []string
	// InboxCapacity is the inbox's AgentCapacity.
	InboxCapacity int
	// Candidates are every agent the rule, the owner, the previous assignee or
	// the fallback team can lead to, each once.
	Candidates []Candidate
}

// Candidate is an agent as the claim sees it, at one moment, under its lock.
type Candidate struct {
	Agent Agent
	// TeamIDs are the agent's teams.
	TeamIDs []string
	// Active counts the agent's active conversations, ActiveInInbox those of
	// the question's inbox; neither counts the conversation in question. They are 0
	// where no capacity and no strategy asks for them.
	Active        int
	ActiveInInbox int
	// LastAssignedAt is zero when nothing was ever assigned automatically.
	LastAssignedAt time.Time
}

// AssignmentDecision is the answer, with its reasons (B6). It is stored in the
// timeline and is the activity's result.
type AssignmentDecision struct {
	Outcome    Outcome   `json:"outcome"`
	Reason     Reason    `json:"reason"`
	AssigneeID string    `json:"assignee_id,omitempty"`
	TeamID     string    `json:"team_id,omitempty"`
	Candidates []Verdict `json:"candidates,omitempty"`
	// RetryAt is when hours next make somebody eligible; zero is unknown.
	RetryAt time.Time `json:"retry_at,omitzero"`
	// OwnerOffline names the contact's owner when the rule is "owner" and the
	// owner is away or outside hours: to be told by mail (G6).
	OwnerOffline string `json:"owner_offline,omitempty"`
	// AssigneeOffline is set when the assignee is away or outside hours, which
	// happens only with OnlyAvailable off.
	AssigneeOffline bool `json:"assignee_offline,omitempty"`
}

// Verdict says why one candidate was or was not chosen.
type Verdict struct {
	AgentID string `json:"agent_id"`
	Reason  Reason `json:"reason"`
}

// AssignmentCause is why an assignment is asked for.
type AssignmentCause string

const (
	// CauseNew is a new conversation.
	CauseNew AssignmentCause = "new"
	// CauseReopened is a reopened or woken one: its assignee is asked first (B3).
	CauseReopened AssignmentCause = "reopened"
	// CauseUnanswered takes it from an assignee who let it pass (B4).
	CauseUnanswered AssignmentCause = "unanswered"
	// CauseRetry asks again: hours began, or the drain assigned it meanwhile.
	CauseRetry AssignmentCause = "retry"
	// CauseTeam routes within the team an agent gave it to.
	CauseTeam AssignmentCause = "team"
)

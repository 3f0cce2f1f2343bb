package inbox

import "time"

// CallState says where a call stands.
type CallState string

const (
	// CallRouting: the caller waits while somebody is looked for.
	CallRouting CallState = "routing"
	// CallRinging: the agent's phone rings.
	CallRinging CallState = "ringing"
	// CallAnswered: the caller and the agent talk.
	CallAnswered CallState = "answered"
	// CallVoicemail: nobody answered, and the caller may leave a message.
	CallVoicemail CallState = "voicemail"
	CallEnded     CallState = "ended"
)

// Call is a phone call that came in (P1). It belongs to a conversation of its own.
type Call struct {
	ID             string
	ConversationID string
	ChannelID      string
	// ProviderCallID is the provider's id of the call, by which its webhooks name it.
	ProviderCallID string
	State          CallState
	// AgentID is whose phone rang last, or who answered.
	AgentID string
	// RungAgentIDs are all whose turn it was, in order. Nobody's comes twice.
	RungAgentIDs []string
	// Reason is why nobody answered; "" when somebody did, or may still.
	Reason    Reason
	StartedAt time.Time
	// ChangedAt is when the state was entered.
	ChangedAt  time.Time
	AnsweredAt time.Time
	EndedAt    time.Time
}

// Reasons for a call that nobody answered, besides those of an assignment.
const (
	// ReasonUnanswered: everybody whose phone rang let it pass.
	ReasonUnanswered Reason = "unanswered"
	// ReasonHungUp: the caller did not wait.
	ReasonHungUp Reason = "hung_up"
	// ReasonOnCall: the agent has another call.
	ReasonOnCall Reason = "on_a_call"
	// ReasonUndecided: nobody was found within the time a caller can be left to wait.
	ReasonUndecided Reason = "not_decided_in_time"
)

// CallAction is what is done with a caller next.
type CallAction string

const (
	CallWait   CallAction = "wait"
	CallRing   CallAction = "ring"
	CallPass   CallAction = "pass"
	CallVoice  CallAction = "voicemail"
	CallHangUp CallAction = "hang_up"
)

// CallQuestion is everything routing.NextCallStep needs to know.
type CallQuestion struct {
	At   time.Time
	Call Call
	// Hours are the channel's; nil is always.
	Hours *Hours
	// Status, AssigneeID and PassedAgentIDs are the conversation's. Outcome is what
	// its assignment came to; "" while it is not decided.
	Status         Status
	Outcome        Outcome
	AssigneeID     string
	PassedAgentIDs []string
	// OnCall: the phone of the assignee rings for another call, or is in one.
	OnCall bool
	// Phone is the verified number of who is to be rung: of the agent whose phone
	// rings, or else of the assignee. "" is none.
	Phone string
}

// CallStep is the answer.
type CallStep struct {
	Action CallAction
	// AgentID is whose phone is to ring, with CallRing, or whose turn is over, with
	// CallPass.
	AgentID string
	// Reason says why, with CallPass and CallVoice.
	Reason Reason
}

// CallResult is what became of the ringing of one agent's phone.
type CallResult struct {
	// Attempt counts from 1 which of the call's rings it was.
	Attempt int
	// Answered: picking up took the call. Where an agent has to confirm, the call
	// knows itself who took it.
	Answered bool
	// Talked is for how long, if they did.
	Talked time.Duration
	// Code says why they did not: busy, no-answer, failed, canceled or CallNotTaken.
	Code string
}

// CallNotTaken is the code of a phone that was picked up, perhaps by a mailbox,
// without the call being taken.
const CallNotTaken = "not_taken"

// CallNews is what a call's conversation has to follow.
type CallNews struct {
	// Unanswered: the assignee let the call pass.
	Unanswered bool
	// Tell are agents who missed the call and are to be told by mail (G6, P3).
	Tell []string
}

// Package workflows waits and orders: one workflow per conversation's episode,
// whose steps are activities. It decides nothing: rules live in routing, so that
// changing one never touches a running workflow.
package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"switchboard/activities"
	"switchboard/inbox"
)

// TaskQueue is where workflows and their local activities run.
const TaskQueue = "switchboard"

// ConversationID is the workflow id of a conversation; the id of the run tells
// episodes apart.
func ConversationID(conversationID string) string { return "conversation:" + conversationID }

// BacklogID is the workflow id of the drain towards one agent.
func BacklogID(agentID string) string { return "backlog:" + agentID }

// ConversationInput starts an episode. Everything in it is an id or a code (B12).
type ConversationInput struct {
	Ref   inbox.EpisodeRef      `json:"ref"`
	Cause inbox.AssignmentCause `json:"cause"`
	// MessageID is the message that began the episode, "" when an agent did.
	MessageID string `json:"message_id,omitempty"`
	// Resume carries a waiting episode over continue-as-new.
	Resume *State `json:"resume,omitempty"`
}

// State is everything a waiting episode must remember.
type State struct {
	Status       inbox.Status `json:"status"`
	InboxID      string       `json:"inbox_id,omitempty"`
	ChannelID    string       `json:"channel_id,omitempty"`
	ContactID    string       `json:"contact_id,omitempty"`
	AssigneeID   string       `json:"assignee_id,omitempty"`
	TeamID       string       `json:"team_id,omitempty"`
	TicketID     string       `json:"ticket_id,omitempty"`
	Reason       inbox.Reason `json:"reason,omitempty"`
	WaitingSince time.Time    `json:"waiting_since,omitzero"`
	WindowCloses time.Time    `json:"window_closes,omitzero"`
	Deadlines    Deadlines    `json:"deadlines"`
	// AnswersAway: the channel can tell the contact that nobody is there.
	AnswersAway bool `json:"answers_away,omitempty"`
	// AsksConsent: the episode goes on when the contact has agreed.
	AsksConsent bool `json:"asks_consent,omitempty"`
	// Outbox are answers on their way, in order; Notices mails to our own people.
	Outbox  []Sending `json:"outbox,omitempty"`
	Notices []string  `json:"notices,omitempty"`
	// Fetching are messages whose files are on their way to us.
	Fetching []activities.Fetching `json:"fetching,omitempty"`
	// NameQueue is where the contact's name is asked for once the contact has agreed;
	// Naming is while that is under way.
	NameQueue string `json:"name_queue,omitempty"`
	Naming    bool   `json:"naming,omitempty"`
	// HasChatflow: the channel has a chatflow, or the episode waits in one.
	HasChatflow bool `json:"has_chatflow,omitempty"`
	// Chatflow: a chatflow waits for the contact.
	Chatflow bool `json:"chatflow,omitempty"`
	// Asked counts assignment questions: the source of their keys.
	Asked int `json:"asked"`
}

// Sending is one answer and the queue of the provider it leaves by.
type Sending struct {
	MessageID string `json:"message_id"`
	Queue     string `json:"queue"`
}

// Signals.
const (
	// SignalMessage says that a message of the contact was stored.
	SignalMessage = "message"
	// SignalNudge says that somebody else assigned the conversation.
	SignalNudge = "nudge"
	// SignalCall says that a call has to be followed.
	SignalCall = "call"
	// SignalWindow says that the provider's window moved without a message.
	SignalWindow = "window"
	// SignalTakeUp says that answers or notices wait for so long that the run may not
	// have them in hand.
	SignalTakeUp = "take_up"
)

// MessageSignal is SignalMessage's payload.
type MessageSignal struct {
	MessageID string `json:"message_id"`
}

// CallSignal is SignalCall's payload.
type CallSignal struct {
	CallID string `json:"call_id"`
}

// Updates: what agents do and want an answer to. Refusals are application
// errors whose type is an inbox.Code.
const (
	UpdateReply  = "reply"
	UpdateAssign = "assign"
	UpdateClose  = "close"
	UpdateReopen = "reopen"
	UpdateSnooze = "snooze"
)

// ReplyUpdate asks to send a stored message.
type ReplyUpdate struct {
	MessageID string `json:"message_id"`
}

// AssignTo is an agent's wish; both "" unassigns.
type AssignTo struct {
	AgentID string `json:"agent_id,omitempty"`
	TeamID  string `json:"team_id,omitempty"`
}

// AssignUpdate carries out AssignTo.
type AssignUpdate struct {
	To    AssignTo     `json:"to"`
	Actor inbox.Author `json:"actor"`
}

// ActorUpdate is an update that needs to know only who asks: close, reopen.
type ActorUpdate struct {
	Actor inbox.Author `json:"actor"`
}

// SnoozeUpdate puts the conversation to sleep.
type SnoozeUpdate struct {
	Until time.Time    `json:"until"`
	Actor inbox.Author `json:"actor"`
}

// Typed search attributes; `switchboard migrate` registers them.
var (
	InboxKey        = temporal.NewSearchAttributeKeyKeyword("SwitchboardInbox")
	ChannelKey      = temporal.NewSearchAttributeKeyKeyword("SwitchboardChannel")
	StatusKey       = temporal.NewSearchAttributeKeyKeyword("SwitchboardStatus")
	AssigneeKey     = temporal.NewSearchAttributeKeyKeyword("SwitchboardAssignee")
	TeamKey         = temporal.NewSearchAttributeKeyKeyword("SwitchboardTeam")
	WaitingSinceKey = temporal.NewSearchAttributeKeyTime("SwitchboardWaitingSince")
	WindowClosesKey = temporal.NewSearchAttributeKeyTime("SwitchboardWindowClosesAt")
)

// SearchAttributes lists them with their types, for registration.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	types := make(map[string]enumspb.IndexedValueType)
	for _, key := range []temporal.SearchAttributeKey{
		InboxKey, ChannelKey, StatusKey, AssigneeKey, TeamKey, WaitingSinceKey, WindowClosesKey,
	} {
		types[key.GetName()] = key.GetValueType()
	}
	return types
}

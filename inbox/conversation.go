package inbox

import "time"

// Status says where a conversation stands.
type Status string

const (
	// StatusOpen is being worked on, or waits for triage by the team.
	StatusOpen Status = "open"
	// StatusWaiting is queued: nobody is eligible yet (B2, B5).
	StatusWaiting Status = "waiting"
	// StatusSnoozed sleeps until a time or the contact's next message.
	StatusSnoozed Status = "snoozed"
	// StatusClosed is done; the next message starts a new episode.
	StatusClosed Status = "closed"
)

// Active reports whether the conversation counts against its assignee's
// capacity.
func (s Status) Active() bool { return s == StatusOpen || s == StatusWaiting }

// Conversation is one thread with one contact on one channel.
type Conversation struct {
	ID          string
	InboxID     string
	ChannelID   string
	ChannelKind ChannelKind
	// ThreadKey finds the conversation again; it is unique per channel.
	ThreadKey string
	Status    Status
	Subject   string
	ContactID string
	// AssigneeID is the agent who answers; "" when unassigned.
	AssigneeID string
	TeamID     string
	TicketID   string
	// Episode counts from 1: the time from an opening or reopening to its closing.
	Episode int
	// ChannelRevision is the revision of the channel's settings this episode
	// runs under: later edits do not touch it (G14).
	ChannelRevision int
	Priority        Priority
	// Window is as it was stored: ClosesAt is when the provider's standard window
	// expires, and State says nothing. routing.Window tells what holds at a moment.
	Window Window
	// LastContactAt is when the contact last wrote, by the provider's clock; zero
	// is never.
	LastContactAt time.Time
	// PassedAgentIDs let this episode pass without an answer (B4).
	PassedAgentIDs []string
	// ReplyTo is the mail address an answer to a form or a mail goes to (F2, E9).
	ReplyTo       string
	CreatedAt     time.Time
	LastMessageAt time.Time
	// WaitingSince is set while the conversation is in the queue.
	WaitingSince time.Time
	SnoozedUntil time.Time
	// AwaitsConsent: the episode goes on when the contact agrees (M8).
	AwaitsConsent bool
	ClosedAt      time.Time
	// ReadAt is up to when agents have read what the contact said; zero is nothing.
	ReadAt time.Time
	Tags   []string
}

// EpisodeRef names one episode of one conversation: the unit that is routed,
// gets its notices once, and is closed.
type EpisodeRef struct {
	ConversationID string `json:"conversation_id"`
	Episode        int    `json:"episode"`
}

// Priority orders the queue: higher goes first, equal goes oldest first (B2).
type Priority string

const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Rank is the priority's place in the order, urgent highest.
func (p Priority) Rank() int {
	switch p {
	case PriorityLow:
		return 0
	case PriorityHigh:
		return 2
	case PriorityUrgent:
		return 3
	default:
		return 1
	}
}

// WindowState is what a provider's messaging window allows.
type WindowState string

const (
	// WindowNone is a channel without a window: chat, form, mail.
	WindowNone WindowState = "none"
	// WindowOpen allows everything.
	WindowOpen WindowState = "open"
	// WindowHumanAgent allows a person's answer only (M7).
	WindowHumanAgent WindowState = "human_agent"
	// WindowClosed allows nothing but approved templates.
	WindowClosed WindowState = "closed"
)

// Window is a conversation's messaging window as of a moment.
type Window struct {
	State    WindowState `json:"state"`
	ClosesAt time.Time   `json:"closes_at,omitzero"`
}

// IsZero reports whether nothing is said of a window.
func (w Window) IsZero() bool { return w.State == "" && w.ClosesAt.IsZero() }

package store

import (
	"encoding/json"

	"switchboard/inbox"
)

type conversationRow struct {
	ID          string `gorm:"primaryKey"`
	InboxID     string
	ChannelID   string
	ChannelKind inbox.ChannelKind
	ThreadKey   string
	Status      inbox.Status
	Subject     string
	ContactID   string
	AssigneeID  string
	TeamID      string
	// GivenTeamID is the team an agent gave the conversation to: routing stays
	// within it.
	GivenTeamID string
	// PreviousAssigneeID had the conversation before this episode.
	PreviousAssigneeID string
	TicketID           string
	// AwaitsConsent: what the contact writes in this episode is held back (M8).
	AwaitsConsent   bool
	Episode         int
	ChannelRevision int
	PriorityRank    int
	WindowState     inbox.WindowState
	WindowClosesAt  stamp
	LastContactAt   stamp
	PassedAgentIDs  list[string]
	ReplyTo         string
	Tags            list[string]
	Decision        jsonOf[*inbox.AssignmentDecision]
	// DecisionKey is the key of the question that Decision answered.
	DecisionKey string
	// AnswerBy is when the conversation is taken from its assignee (B4).
	AnswerBy stamp
	// NudgeAt is when a claim was made on the conversation's behalf; NULL once
	// its workflow knows.
	NudgeAt stamp
	// WindowNewsAt is since when the workflow is to be told that the window moved
	// without a message; NULL once it was.
	WindowNewsAt stamp
	// OverdueToldAt is when the sweep last told the workflow that something is overdue.
	OverdueToldAt stamp
	CreatedAt     stamp
	LastMessageAt stamp
	WaitingSince  stamp
	SnoozedUntil  stamp
	ClosedAt      stamp
	ReadAt        stamp
}

func (conversationRow) TableName() string { return "conversations" }

func (r conversationRow) id() string { return r.ID }

func (r conversationRow) conversation() inbox.Conversation {
	return inbox.Conversation{
		ID: r.ID, InboxID: r.InboxID, ChannelID: r.ChannelID, ChannelKind: r.ChannelKind, ThreadKey: r.ThreadKey,
		Status: r.Status, Subject: r.Subject, ContactID: r.ContactID, AssigneeID: r.AssigneeID, TeamID: r.TeamID,
		TicketID: r.TicketID, Episode: r.Episode, ChannelRevision: r.ChannelRevision,
		Priority:       priorityOf(r.PriorityRank),
		Window:         inbox.Window{State: r.WindowState, ClosesAt: r.WindowClosesAt.Time},
		LastContactAt:  r.LastContactAt.Time,
		PassedAgentIDs: r.PassedAgentIDs, ReplyTo: r.ReplyTo, CreatedAt: r.CreatedAt.Time,
		LastMessageAt: r.LastMessageAt.Time, WaitingSince: r.WaitingSince.Time, SnoozedUntil: r.SnoozedUntil.Time,
		ClosedAt: r.ClosedAt.Time, ReadAt: r.ReadAt.Time, Tags: r.Tags, AwaitsConsent: r.AwaitsConsent,
	}
}

// ref names the row's current episode.
func (r conversationRow) ref() inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: r.ID, Episode: r.Episode}
}

// priorityOf is the inverse of inbox.Priority.Rank.
func priorityOf(rank int) inbox.Priority {
	return [...]inbox.Priority{
		inbox.PriorityLow, inbox.PriorityNormal, inbox.PriorityHigh, inbox.PriorityUrgent,
	}[rank]
}

type conversationTermRow struct {
	Term           string `gorm:"primaryKey"`
	ConversationID string `gorm:"primaryKey"`
}

func (conversationTermRow) TableName() string { return "conversation_terms" }

type commentRow struct {
	ID             string `gorm:"primaryKey"`
	ConversationID string
	AgentID        string
	BodyText       string
	CreatedAt      stamp
}

func (commentRow) TableName() string { return "comments" }

func (r commentRow) comment() inbox.Comment {
	return inbox.Comment{
		ID: r.ID, ConversationID: r.ConversationID, AgentID: r.AgentID, Text: r.BodyText, CreatedAt: r.CreatedAt.Time,
	}
}

type eventRow struct {
	ID             int64 `gorm:"primaryKey"`
	ConversationID string
	InboxID        string
	Kind           inbox.EventKind
	ActorKind      inbox.AuthorKind
	ActorID        string
	Data           jsonOf[json.RawMessage]
	At             stamp
}

func (eventRow) TableName() string { return "events" }

func (r eventRow) event() inbox.Event {
	return inbox.Event{
		ID: r.ID, ConversationID: r.ConversationID, InboxID: r.InboxID, Kind: r.Kind,
		Actor: inbox.Author{Kind: r.ActorKind, ID: r.ActorID}, Data: r.Data.V, At: r.At.Time,
	}
}

// threadEventRow is an event with its conversation's thread.
type threadEventRow struct {
	Event     eventRow `gorm:"embedded"`
	ThreadKey string
}

func (r threadEventRow) event() inbox.Event {
	event := r.Event.event()
	event.ThreadKey = r.ThreadKey
	return event
}

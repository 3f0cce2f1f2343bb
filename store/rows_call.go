package store

import "switchboard/inbox"

type callRow struct {
	ID             string `gorm:"primaryKey"`
	ProviderCallID string
	ConversationID string
	ChannelID      string
	State          inbox.CallState
	AgentID        string
	RungAgentIDs   list[string]
	Reason         inbox.Reason
	StartedAt      stamp
	ChangedAt      stamp
	AnsweredAt     stamp
	EndedAt        stamp
	// SeenAt is when the provider last asked what to do.
	SeenAt stamp
	// NewsAt is since when the conversation's workflow has to be told; NULL once it
	// knows.
	NewsAt stamp
}

func (callRow) TableName() string { return "calls" }

func (r callRow) call() inbox.Call {
	return inbox.Call{
		ID: r.ID, ConversationID: r.ConversationID, ChannelID: r.ChannelID, ProviderCallID: r.ProviderCallID,
		State: r.State, AgentID: r.AgentID, RungAgentIDs: r.RungAgentIDs, Reason: r.Reason, StartedAt: r.StartedAt.Time,
		ChangedAt: r.ChangedAt.Time, AnsweredAt: r.AnsweredAt.Time, EndedAt: r.EndedAt.Time,
	}
}

// callData is a call in the timeline: ids, codes and durations (B12).
type callData struct {
	CallID  string `json:"call_id"`
	AgentID string `json:"agent_id,omitempty"`
	// Attempt counts the phones that rang.
	Attempt int `json:"attempt,omitempty"`
	// Code is the provider's for a phone that nobody answered, Reason ours for a
	// call that was missed.
	Code   string       `json:"code,omitempty"`
	Reason inbox.Reason `json:"reason,omitempty"`
	// Seconds is how long the call took, TalkedSeconds how much of it was talk.
	Seconds       int    `json:"seconds,omitempty"`
	TalkedSeconds int    `json:"talked_seconds,omitempty"`
	MessageID     string `json:"message_id,omitempty"`
}

package store

import (
	"encoding/json"
	"time"

	"switchboard/inbox"
)

type accountRow struct {
	ID                  int `gorm:"primaryKey;autoIncrement:false"`
	Name                string
	TicketsFromChannels bool
	TicketsPerContact   int
	CloseAfterQuiet     time.Duration
}

func (accountRow) TableName() string { return "account" }

func (r accountRow) account() inbox.Account {
	return inbox.Account{
		Name: r.Name, TicketsFromChannels: r.TicketsFromChannels,
		TicketsPerContact: r.TicketsPerContact, CloseAfterQuiet: r.CloseAfterQuiet,
	}
}

type inboxRow struct {
	ID            string `gorm:"primaryKey"`
	Name          string
	AgentCapacity int
	CreatedAt     stamp
}

func (inboxRow) TableName() string { return "inboxes" }

func (r inboxRow) inbox() inbox.Inbox {
	return inbox.Inbox{ID: r.ID, Name: r.Name, AgentCapacity: r.AgentCapacity}
}

type agentRow struct {
	ID             string `gorm:"primaryKey"`
	Name           string
	Email          string
	Admin          bool
	Seat           bool
	Availability   inbox.Availability
	Capacity       int
	Hours          jsonOf[*inbox.Hours]
	InboxIDs       list[string]
	Phone          string
	LastAssignedAt stamp
	CreatedAt      stamp
}

func (agentRow) TableName() string { return "agents" }

func (r agentRow) agent() inbox.Agent {
	return inbox.Agent{
		ID: r.ID, Name: r.Name, Email: r.Email, Admin: r.Admin, Seat: r.Seat, Availability: r.Availability,
		Capacity: r.Capacity, Hours: r.Hours.V, InboxIDs: r.InboxIDs, Phone: r.Phone,
	}
}

type tokenRow struct {
	ID        string `gorm:"primaryKey"`
	AgentID   string
	Hash      string
	Label     string
	CreatedAt stamp
}

func (tokenRow) TableName() string { return "agent_tokens" }

type teamRow struct {
	ID         string `gorm:"primaryKey"`
	Name       string
	AlertEmail string
	CreatedAt  stamp
}

func (teamRow) TableName() string { return "teams" }

func (r teamRow) team(memberIDs []string) inbox.Team {
	return inbox.Team{ID: r.ID, Name: r.Name, MemberIDs: memberIDs, AlertEmail: r.AlertEmail}
}

type teamMemberRow struct {
	TeamID  string `gorm:"primaryKey"`
	AgentID string `gorm:"primaryKey"`
}

func (teamMemberRow) TableName() string { return "team_members" }

type pipelineRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	Stages    list[inbox.Stage]
	CreatedAt stamp
}

func (pipelineRow) TableName() string { return "pipelines" }

func (r pipelineRow) pipeline() inbox.Pipeline {
	return inbox.Pipeline{ID: r.ID, Name: r.Name, Stages: r.Stages}
}

type cannedReplyRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	BodyText  string
	BodyHTML  string
	InboxID   string
	Search    string
	CreatedAt stamp
}

func (cannedReplyRow) TableName() string { return "canned_replies" }

func (r cannedReplyRow) cannedReply() inbox.CannedReply {
	return inbox.CannedReply{
		ID: r.ID, Name: r.Name, Text: r.BodyText, HTML: r.BodyHTML, InboxID: r.InboxID, CreatedAt: r.CreatedAt.Time,
	}
}

type channelRow struct {
	ID         string `gorm:"primaryKey"`
	InboxID    string
	Kind       inbox.ChannelKind
	Name       string
	Enabled    bool
	State      inbox.ChannelState
	Account    string
	Revision   int
	Assignment jsonOf[inbox.Assignment]
	Tickets    jsonOf[inbox.TicketDefaults]
	Settings   jsonOf[json.RawMessage]
	// HostedToken is "" for all kinds but e-mail.
	HostedToken  string
	Provider     inbox.Provider
	Confirmation jsonOf[*inbox.ForwardingConfirmation]
	PausedUntil  stamp
	CreatedAt    stamp
	DeletedAt    stamp
}

func (channelRow) TableName() string { return "channels" }

func (r channelRow) channel() inbox.Channel {
	return inbox.Channel{
		ID: r.ID, InboxID: r.InboxID, Kind: r.Kind, Name: r.Name, Enabled: r.Enabled, State: r.State,
		Account: r.Account, HostedToken: r.HostedToken, Provider: r.Provider, Confirmation: r.Confirmation.V,
		PausedUntil: r.PausedUntil.Time, Revision: r.Revision, Assignment: r.Assignment.V, Tickets: r.Tickets.V,
		Settings: r.Settings.V, CreatedAt: r.CreatedAt.Time,
	}
}

// channelRevisionRow is what an episode keeps of its channel (G14).
type channelRevisionRow struct {
	ChannelID  string `gorm:"primaryKey"`
	Revision   int    `gorm:"primaryKey;autoIncrement:false"`
	Assignment jsonOf[inbox.Assignment]
	Tickets    jsonOf[inbox.TicketDefaults]
	Settings   jsonOf[json.RawMessage]
	CreatedAt  stamp
}

func (channelRevisionRow) TableName() string { return "channel_revisions" }

package store

import "switchboard/inbox"

type ticketRow struct {
	ID             string `gorm:"primaryKey"`
	ConversationID string
	InboxID        string
	ContactID      string
	PipelineID     string
	StageID        string
	Priority       inbox.Priority
	OwnerID        string
	Name           string
	Description    string
	Properties     dict
	CreatedAt      stamp
	UpdatedAt      stamp
}

func (ticketRow) TableName() string { return "tickets" }

func (r ticketRow) ticket() inbox.Ticket {
	return inbox.Ticket{
		ID: r.ID, ConversationID: r.ConversationID, InboxID: r.InboxID, ContactID: r.ContactID,
		PipelineID: r.PipelineID, StageID: r.StageID, Priority: r.Priority, OwnerID: r.OwnerID, Name: r.Name,
		Description: r.Description, Properties: r.Properties, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

type noticeRow struct {
	ID             string `gorm:"primaryKey"`
	Kind           inbox.NoticeKind
	ConversationID string
	Episode        int
	AgentID        string
	TeamID         string
	Address        string
	AskedBy        string
	About          string
	State          inbox.NoticeState
	ErrorCode      string
	MessageID      string
	CreatedAt      stamp
	// NextTryAt is when it was planned or last tried.
	NextTryAt stamp
}

func (noticeRow) TableName() string { return "notices" }

func (r noticeRow) notice() inbox.Notice {
	return inbox.Notice{
		ID: r.ID, Kind: r.Kind, Episode: inbox.EpisodeRef{ConversationID: r.ConversationID, Episode: r.Episode},
		AgentID: r.AgentID, TeamID: r.TeamID, Address: r.Address, AskedBy: r.AskedBy, About: r.About, State: r.State,
		MessageID: r.MessageID, CreatedAt: r.CreatedAt.Time,
	}
}

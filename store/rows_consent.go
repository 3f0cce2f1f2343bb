package store

import "switchboard/inbox"

type consentRow struct {
	ID             string `gorm:"primaryKey"`
	ContactID      string
	ChannelID      string
	ConversationID string
	MessageID      string
	Mode           inbox.ConsentMode
	Wording        string
	CreatedAt      stamp
}

func (consentRow) TableName() string { return "consents" }

func (r consentRow) consent() inbox.Consent {
	return inbox.Consent{
		ID: r.ID, ContactID: r.ContactID, ChannelID: r.ChannelID, ConversationID: r.ConversationID,
		MessageID: r.MessageID, Mode: r.Mode, Wording: r.Wording, At: r.CreatedAt.Time,
	}
}

type consentWordingRow struct {
	Digest    string `gorm:"primaryKey"`
	BodyText  string
	CreatedAt stamp
}

func (consentWordingRow) TableName() string { return "consent_wordings" }

package store

type consentRow struct {
	ID             string `gorm:"primaryKey"`
	ContactID      string
	ChannelID      string
	ConversationID string
	MessageID      string
	Mode           string
	Wording        string
	CreatedAt      stamp
}

func (consentRow) TableName() string { return "consents" }

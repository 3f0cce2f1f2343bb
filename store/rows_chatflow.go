package store

import (
	"time"

	"switchboard/inbox"
)

type chatflowRow struct {
	ID        string `gorm:"primaryKey"`
	ChannelID string
	Name      string
	Active    bool
	Revision  int
	Content   jsonOf[chatflowContent]
	CreatedAt stamp
	DeletedAt stamp
}

func (chatflowRow) TableName() string { return "chatflows" }

func (r chatflowRow) chatflow() inbox.Chatflow {
	content := r.Content.V
	return inbox.Chatflow{
		ID: r.ID, ChannelID: r.ChannelID, Name: r.Name, Active: r.Active, Revision: r.Revision,
		Language: content.Language, Repeat: content.Repeat, Greeting: content.Greeting,
		Patience: time.Duration(content.PatienceSeconds) * time.Second, Steps: content.Steps, CreatedAt: r.CreatedAt.Time,
	}
}

// chatflowContent is what a revision keeps.
type chatflowContent struct {
	Language        string           `json:"language,omitempty"`
	Repeat          bool             `json:"repeat,omitempty"`
	Greeting        string           `json:"greeting,omitempty"`
	PatienceSeconds int              `json:"patience_seconds"`
	Steps           []inbox.ChatStep `json:"steps"`
}

func contentOf(flow inbox.Chatflow) jsonOf[chatflowContent] {
	return jsonOf[chatflowContent]{chatflowContent{
		Language: flow.Language, Repeat: flow.Repeat, Greeting: flow.Greeting,
		PatienceSeconds: int(flow.Patience / time.Second), Steps: flow.Steps,
	}}
}

// chatflowRevisionRow is what an episode keeps of its chatflow (G14).
type chatflowRevisionRow struct {
	ChatflowID string `gorm:"primaryKey"`
	Revision   int    `gorm:"primaryKey;autoIncrement:false"`
	Content    jsonOf[chatflowContent]
	CreatedAt  stamp
}

func (chatflowRevisionRow) TableName() string { return "chatflow_revisions" }

// chatflowRunRow is where an episode stands in its chatflow.
type chatflowRunRow struct {
	ConversationID string `gorm:"primaryKey"`
	Episode        int    `gorm:"primaryKey;autoIncrement:false"`
	ChatflowID     string
	Revision       int
	StepID         string
	Tries          int
	Turns          int
	Answers        list[inbox.ChatflowAnswer]
	Outcome        inbox.ChatflowOutcome
	Reason         inbox.ChatflowReason
	// LastMessageID is the contact's message that was answered last, with the
	// messages after SaidBefore up to Said.
	LastMessageID string
	SaidBefore    int
	Said          int
	// HandOverAt is when the conversation is handed over unless the contact answers.
	HandOverAt stamp
	CreatedAt  stamp
}

func (chatflowRunRow) TableName() string { return "chatflow_runs" }

func (r chatflowRunRow) state() inbox.ChatflowState {
	return inbox.ChatflowState{StepID: r.StepID, Tries: r.Tries, Turns: r.Turns, Answers: r.Answers}
}

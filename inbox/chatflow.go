package inbox

import "time"

// Chatflow is what automation says and asks before a conversation is routed: the
// bots of a chat (C11), greeting and instant reply of Messenger (M2 to M4). One
// per channel is active; an episode keeps the revision it began with (G14).
type Chatflow struct {
	ID        string
	ChannelID string
	Name      string
	Active    bool
	// Revision grows with every edit of what contacts see.
	Revision int
	// Language is the language of its texts, such as "de"; "" is unsaid (C12).
	Language string
	// Repeat runs the flow in every episode; without it a contact meets the
	// channel's flow once.
	Repeat bool
	// Greeting is shown before the contact writes (M3); "" is none.
	Greeting string
	// Patience is how long a contact has to answer a step before the conversation
	// is handed over, so that nobody is forgotten.
	Patience  time.Duration
	Steps     []ChatStep
	CreatedAt time.Time
}

// DefaultPatience is a new chatflow's.
const DefaultPatience = 10 * time.Minute

// ChatStepKind is what a step does.
type ChatStepKind string

const (
	// StepSay says its text and goes on.
	StepSay ChatStepKind = "say"
	// StepChoose offers preset answers as buttons and waits for one.
	StepChoose ChatStepKind = "choose"
	// StepAsk asks for something and waits for it.
	StepAsk ChatStepKind = "ask"
	// StepBranch goes on according to an earlier answer.
	StepBranch ChatStepKind = "branch"
	// StepHandOver says its text, if any, and hands the conversation to routing.
	StepHandOver ChatStepKind = "hand_over"
	// StepEnd says its text, if any, and closes the conversation: the contact needs
	// nobody.
	StepEnd ChatStepKind = "end"
)

// ChatStep is one step of a chatflow. The first one begins it.
type ChatStep struct {
	// ID names the step in the flow, the timeline and the payload of its buttons.
	ID   string       `json:"id"`
	Kind ChatStepKind `json:"kind"`
	Text string       `json:"text,omitempty"`
	// Next is the step after StepSay and StepAsk, and after StepBranch when no case
	// holds.
	Next string `json:"next,omitempty"`
	// Answers are those of StepChoose.
	Answers []ChatAnswer `json:"answers,omitempty"`
	// Collect is what StepAsk asks for, Field the name of a custom one.
	Collect ChatCollect `json:"collect,omitempty"`
	Field   string      `json:"field,omitempty"`
	// Retries is how often StepChoose and StepAsk ask again after an answer that
	// will not do, with RetryText, or Text when it is "". Then Fallback follows; ""
	// hands over.
	Retries   int    `json:"retries,omitempty"`
	RetryText string `json:"retry_text,omitempty"`
	Fallback  string `json:"fallback,omitempty"`
	// Of is the step whose answer StepBranch looks at, Cases what follows from it.
	Of    string     `json:"of,omitempty"`
	Cases []ChatCase `json:"cases,omitempty"`
}

// ChatAnswer is a preset answer of a step.
type ChatAnswer struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Next  string `json:"next"`
}

// ChatCase is followed when the answer is Value: the id of a preset answer, or a
// text in whatever case.
type ChatCase struct {
	Value string `json:"value"`
	Next  string `json:"next"`
}

// ChatCollect is what a contact is asked for.
type ChatCollect string

const (
	CollectName   ChatCollect = "name"
	CollectEmail  ChatCollect = "email"
	CollectPhone  ChatCollect = "phone"
	CollectCustom ChatCollect = "custom"
)

// ChatflowState is where a conversation stands in its chatflow.
type ChatflowState struct {
	// StepID is the step that waits for the contact; "" before the first.
	StepID string
	// Tries counts the answers to StepID that would not do, Turns all messages of
	// the contact.
	Tries, Turns int
	Answers      []ChatflowAnswer
}

// ChatflowAnswer is what a contact answered to a step.
type ChatflowAnswer struct {
	StepID string `json:"step_id"`
	// Collect is what a StepAsk asked for, Field the name of a custom one.
	Collect ChatCollect `json:"collect,omitempty"`
	Field   string      `json:"field,omitempty"`
	// Value is the id of a preset answer, or what the contact wrote.
	Value string `json:"value"`
}

// GivenAnswer is a ChatflowAnswer with what it answered.
type GivenAnswer struct {
	ChatflowAnswer
	Episode int
	// Question is the step's text, Text the title of a preset answer or what the
	// contact wrote.
	Question, Text string
}

// ChatflowQuestion asks what follows from a contact's message.
type ChatflowQuestion struct {
	Flow  Chatflow
	State ChatflowState
	// Text and Payload are the message's.
	Text, Payload string
}

// ChatflowOutcome says how a chatflow goes on.
type ChatflowOutcome string

const (
	// ChatflowWaits for the contact.
	ChatflowWaits ChatflowOutcome = "waits"
	// ChatflowHandsOver to routing.
	ChatflowHandsOver ChatflowOutcome = "hands_over"
	// ChatflowEnds with the conversation.
	ChatflowEnds ChatflowOutcome = "ends"
)

// ChatflowReason says why a chatflow came to its end.
type ChatflowReason string

const (
	// ChatflowCompleted: its last step was reached.
	ChatflowCompleted ChatflowReason = "completed"
	// ChatflowNotUnderstood: the contact answered what would not do too often.
	ChatflowNotUnderstood ChatflowReason = "not_understood"
	// ChatflowTooLong: the contact went on and on.
	ChatflowTooLong ChatflowReason = "too_long"
	// ChatflowNoAnswer: the contact did not answer in time.
	ChatflowNoAnswer ChatflowReason = "no_answer"
	// ChatflowInterrupted: an agent answered, assigned, snoozed or closed.
	ChatflowInterrupted ChatflowReason = "interrupted"
)

// ChatflowDecision is what follows from a contact's message.
type ChatflowDecision struct {
	Outcome ChatflowOutcome
	// Reason is why it came to its end; "" while it waits.
	Reason ChatflowReason
	// Say is said in order.
	Say []ChatflowLine
	// Collected is what the message answered; nil is nothing.
	Collected *ChatflowAnswer
	// State is where the conversation stands then.
	State ChatflowState
}

// ChatflowLine is one message of a chatflow.
type ChatflowLine struct {
	StepID       string
	Text         string
	QuickReplies []QuickReply
}

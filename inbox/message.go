package inbox

import "time"

// Direction is seen from the company: in from the contact, out to the contact.
type Direction string

const (
	DirectionIn  Direction = "in"
	DirectionOut Direction = "out"
)

// AuthorKind says who wrote a message; the window rules depend on it (B11).
type AuthorKind string

const (
	AuthorContact    AuthorKind = "contact"
	AuthorAgent      AuthorKind = "agent"
	AuthorAutomation AuthorKind = "automation"
)

// Author is who wrote a message or caused an event.
type Author struct {
	Kind AuthorKind `json:"kind"`
	ID   string     `json:"id,omitempty"`
}

// MessageState follows the provider's answers and nothing else.
type MessageState string

const (
	MessageReceived MessageState = "received"
	// MessageHeld is withheld until the contact agrees, MessageDropped was given up
	// because he did not (M8).
	MessageHeld      MessageState = "held"
	MessageDropped   MessageState = "dropped"
	MessagePending   MessageState = "pending"
	MessageSending   MessageState = "sending"
	MessageSent      MessageState = "sent"
	MessageDelivered MessageState = "delivered"
	MessageRead      MessageState = "read"
	MessageFailed    MessageState = "failed"
	// MessageUnknown may or may not have left: the process died between the
	// provider's call and the record.
	MessageUnknown MessageState = "unknown"
)

// Shared reports whether both sides have the message: the contact said it, or it was
// really sent.
func (s MessageState) Shared() bool {
	switch s {
	case MessageReceived, MessageSent, MessageDelivered, MessageRead:
		return true
	default:
		return false
	}
}

// Message is one message of a conversation.
type Message struct {
	ID             string
	ConversationID string
	// ChannelID is the channel it came in through, which may be another one than
	// its conversation's.
	ChannelID string
	Direction Direction
	Author    Author
	Text      string
	HTML      string
	// Quoted is the earlier conversation that a mail program put below Text.
	Quoted string
	// Automatic: a program wrote it, such as an out-of-office reply. It asks for
	// nothing (B10).
	Automatic   bool
	Attachments []Attachment
	// Fields are a form submission's answers, hidden ones included (F5).
	Fields []SubmittedField
	// QuickReplies are the buttons that are offered with a message to the contact.
	QuickReplies []QuickReply
	// Payload is that of the button the contact pressed; "" when he wrote.
	Payload string
	// InReplyTo is the provider's id of the message that the contact answered; ""
	// is none in particular.
	InReplyTo string
	// Template is the approved template that is sent in place of Text (W2).
	Template *Template
	// Remote are the contact's files that are still to be fetched from the
	// provider; then they are Attachments.
	Remote    []RemoteFile
	State     MessageState
	ErrorCode string
	// ErrorDetail is the provider's reason in words; "" is none.
	ErrorDetail string
	// ProviderMessageID is unique per channel (B8). For messages out it is
	// fixed before the first try.
	ProviderMessageID string
	// ClientID makes storing an answer idempotent within its conversation; "" is
	// none.
	ClientID  string
	CreatedAt time.Time
	// DispatchedAt is when the workflow was told; zero means the sweep will.
	DispatchedAt time.Time
}

// Attachment describes a stored file; its bytes are kept once per content.
type Attachment struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	// ContentID is what "cid:" in the message's HTML refers to; "" for a file that
	// is only attached.
	ContentID string `json:"content_id,omitempty"`
	// Digest is the content's SHA-256 in hex.
	Digest string `json:"digest"`
}

// QuickReply is a button below a message.
type QuickReply struct {
	Title   string `json:"title"`
	Payload string `json:"payload"`
}

// Template is a message that the provider approved beforehand and that may leave
// outside the window (W2).
type Template struct {
	// ID is the provider's, such as Twilio's ContentSid.
	ID string `json:"id"`
	// Variables fill its placeholders.
	Variables map[string]string `json:"variables,omitempty"`
}

// RemoteFile is a file at the provider.
type RemoteFile struct {
	URL string `json:"url"`
	// Name and ContentType are what the provider says of it; either may be "".
	Name        string `json:"name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
}

// SubmittedField is one answer of a form submission.
type SubmittedField struct {
	Name   string   `json:"name"`
	Label  string   `json:"label,omitempty"`
	Values []string `json:"values"`
	Hidden bool     `json:"hidden,omitempty"`
	// MapsTo is what the answer is besides; "" when nothing.
	MapsTo FieldMapping `json:"maps_to,omitempty"`
}

// FieldMapping says what a form field's answer is used for (F2, F3).
type FieldMapping string

const (
	MapsToEmail             FieldMapping = "email"
	MapsToName              FieldMapping = "name"
	MapsToPhone             FieldMapping = "phone"
	MapsToSubject           FieldMapping = "subject"
	MapsToMessage           FieldMapping = "message"
	MapsToTicketName        FieldMapping = "ticket_name"
	MapsToTicketDescription FieldMapping = "ticket_description"
)

// Comment is an internal note; contacts never see it (B14).
type Comment struct {
	ID             string
	ConversationID string
	AgentID        string
	Text           string
	CreatedAt      time.Time
}

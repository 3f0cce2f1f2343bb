package webhook

import (
	"encoding/json"
	"time"

	"switchboard/inbox"
)

// Item is one thing that happened on a page. Exactly one of the pointers is set;
// none is an item that we do not know.
type Item struct {
	// PageID is the page, ContactID the page-scoped id of the person; either is ""
	// only for an item that we do not know.
	PageID, ContactID string
	// At is when it happened, by Facebook's clock; zero is not said.
	At time.Time
	// Standby: another application has the thread, and we only listen.
	Standby bool

	Message  *Message
	Echo     *Echo
	Reaction *Reaction
	Referral *Referral
	// Delivered and Read are about what the page sent.
	Delivered *Delivered
	Read      *Read

	// Raw is a webhook body with this item alone.
	Raw []byte
}

// Message is what the person wrote, or a button he pressed.
type Message struct {
	// ID is unique per page.
	ID   string
	Text string
	// Payload is that of the button; "" when he wrote.
	Payload string
	// InReplyTo is the id of the message he answers; "" is none in particular.
	InReplyTo string
	Files     []inbox.RemoteFile
}

// Echo is a message that left from the page.
type Echo struct {
	Message
	// AppID is the application that sent it; "" is the page's own inbox.
	AppID string
	// Metadata is what that application gave it: our message id when it is ours.
	Metadata string
}

// Reaction is an emoji on a message.
type Reaction struct {
	// Removed: it was taken back.
	Removed bool
}

// Referral is a person who came into the thread by a link.
type Referral struct{}

// Delivered are messages that reached the person's device: those of MessageIDs,
// and all up to Watermark.
type Delivered struct {
	MessageIDs []string
	Watermark  time.Time
}

// Read is up to when the person has seen the page's messages.
type Read struct{ Watermark time.Time }

// notPassedOn stands for a message without any content that Facebook gives us.
const notPassedOn = "[A message of a kind that Facebook does not pass on]"

// The parts of an item as Facebook writes them. Sender and recipient of what the
// page did are the other way round.
type rawItem struct {
	Sender    *party          `json:"sender"`
	Recipient *party          `json:"recipient"`
	Timestamp int64           `json:"timestamp"` // milliseconds since 1970
	Message   *rawMessage     `json:"message"`
	Postback  *rawPostback    `json:"postback"`
	Reaction  *rawReaction    `json:"reaction"`
	Referral  json.RawMessage `json:"referral"`
	Delivery  *rawDelivery    `json:"delivery"`
	Read      *rawRead        `json:"read"`
}

type party struct {
	ID string `json:"id"`
}

type rawMessage struct {
	ID         string `json:"mid"`
	Text       string `json:"text"`
	QuickReply *struct {
		Payload string `json:"payload"`
	} `json:"quick_reply"`
	ReplyTo *struct {
		ID string `json:"mid"`
	} `json:"reply_to"`
	Attachments []rawAttachment `json:"attachments"`
	IsEcho      bool            `json:"is_echo"`
	AppID       json.Number     `json:"app_id"`
	Metadata    string          `json:"metadata"`
}

type rawPostback struct {
	ID      string `json:"mid"`
	Title   string `json:"title"`
	Payload string `json:"payload"`
}

type rawReaction struct {
	Action string `json:"action"`
}

type rawDelivery struct {
	IDs       []string `json:"mids"`
	Watermark int64    `json:"watermark"`
}

type rawRead struct {
	Watermark int64 `json:"watermark"`
}

// Package incoming reads mail that came in: raw bytes to what Switchboard keeps
// of them. It decides nothing about conversations.
package incoming

import "time"

// Mail is a message as it was read (RFC 5322, RFC 2045). Texts are valid UTF-8
// without control characters; ids are bare, without angle brackets.
type Mail struct {
	// MessageID is the message's own id, or one made from its bytes when it has
	// none: the same bytes get the same id.
	MessageID string
	// InReplyTo and References are the ids of earlier messages, oldest first.
	// Of very many, References are the first and the last fifty.
	InReplyTo, References []string
	// From is the first author, or else who comes closest: Sender, Reply-To,
	// Return-Path. It may be zero on a Bounce, and nowhere else.
	From Address
	// ReplyTo is where the author wants answers; the zero Address is From.
	ReplyTo Address
	To, Cc  []Address
	// DeliveredTo are the addresses that servers on the way delivered to, each
	// once: Delivered-To, newest first, then X-Forwarded-To, X-Original-To and the
	// like.
	DeliveredTo []string
	Subject     string
	// At is the Date header; zero when it is missing or unreadable.
	At time.Time
	// Text is what the author wrote this time, Quoted the earlier conversation
	// that the mail program put below; both are plain text. A forward's text is
	// whole.
	Text, Quoted string
	// HTML is the whole body, sanitised; pictures within it keep their
	// "cid:" address, which is a File's ContentID. "" for plain mail.
	HTML string
	// Files are attachments and pictures, attached messages too.
	Files []File
	// Attached are those of the attached messages (message/rfc822) that could be
	// read.
	Attached []Mail
	// Automatic says whether a person wrote it (B10).
	Automatic Automatic
	// Bounce is set on a report of a failed or delayed delivery.
	Bounce *Bounce
	// Confirmation is set when a provider asks to confirm a forwarding address.
	Confirmation *Confirmation
	// Flaws are what was wrong with the message and read all the same, in words
	// without personal data.
	Flaws []string
}

// Address is a mailbox as a header names it; Email is lower case.
type Address struct{ Name, Email string }

// File is an attachment or a picture within the HTML.
type File struct {
	// Name is never "", and no path; two files may share one.
	Name string
	// ContentType is found by looking at the content where the header's is not
	// to be believed.
	ContentType string
	// ContentID is what "cid:" in the HTML refers to, spelt as there; "" for an
	// ordinary attachment.
	ContentID string
	Data      []byte
}

// Automatic is why a message counts as written by a program; "" is a person's.
type Automatic string

const (
	// AutomaticReply answers or was generated: Auto-Submitted, X-Autoreply, a
	// null envelope sender and the like.
	AutomaticReply Automatic = "automatic_reply"
	// AutomaticList went to many: List-Id, List-Unsubscribe, Feedback-ID,
	// Precedence bulk. A group address that somebody wrote to is none.
	AutomaticList Automatic = "list"
)

// Bounce is a delivery report (RFC 3464), of several recipients the one that
// fares worst.
type Bounce struct {
	// Action is failed, delayed, delivered, relayed or expanded.
	Action string
	// Status is the enhanced status code, such as 5.1.1; may be "".
	Status string
	// Recipient is whom the report is about, as the message was addressed where
	// the report says so; may be "".
	Recipient string
	// MessageID is the id of the message that was reported on; may be "".
	MessageID string
}

// Confirmation is a provider's question whether mail may be forwarded to us.
type Confirmation struct {
	// Provider is gmail.
	Provider string
	// Code is to be typed where forwarding was asked for; may be "".
	Code string
	// URL confirms when it is opened; may be "".
	URL string
}

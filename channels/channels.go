// Package channels is the contract between Switchboard and the ways
// conversations come in and answers go out. Each kind has one folder below this
// one; a folder knows its provider and nothing of the store, the workflows or
// the other kinds. What a kind can do is found by type assertion on the small
// interfaces here.
package channels

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Kind is what every channel folder provides.
type Kind interface {
	// Kind returns the name stored in inbox.Channel.Kind.
	Kind() inbox.ChannelKind
	// CheckSettings validates settings before they are saved and returns them
	// normalised, with defaults filled in. Errors are *inbox.Error naming the
	// field below "settings".
	CheckSettings(settings json.RawMessage) (json.RawMessage, error)
}

// Sender is a kind whose answers leave through a provider. A kind without it is
// delivered by its event alone, like chat.
type Sender interface {
	// Send makes one try. It must not return nil unless the provider accepted
	// the message. Errors are *SendError; any other error counts as Unknown.
	Send(ctx context.Context, out Outgoing) (Accepted, error)
	// Queue is the task queue with the rate that the channel's provider bears.
	Queue(channel inbox.Channel) string
}

// Divider is a Sender whose provider takes an answer as several messages, such as
// its text and each of its files.
type Divider interface {
	// Parts are the messages that an answer leaves as, in order, each with what it has
	// of the text and the files. With more than one, Send and Sent are asked for each.
	Parts(m inbox.Message) []inbox.Message
}

// Reconciler is a Sender that can find out what became of a try after a crash.
type Reconciler interface {
	// Sent reports whether the provider has the message. found is false only
	// when it certainly does not: then it is sent again. Errors are *SendError:
	// Retry when looking again may help; any other error when nobody can tell.
	Sent(ctx context.Context, out Outgoing) (accepted Accepted, found bool, err error)
}

// Fetcher is a kind whose contacts' files are at the provider until we fetch them.
type Fetcher interface {
	// Fetch returns one file, typed by its content. Errors are *SendError: Retry
	// when asking again may help, Final when the file is gone or must not be
	// fetched.
	Fetch(ctx context.Context, channel inbox.Channel, file inbox.RemoteFile) (File, error)
	// FetchQueue is the task queue that files are fetched on.
	FetchQueue(channel inbox.Channel) string
}

// Namer is a kind whose provider says who a contact is when it is asked.
type Namer interface {
	// Name returns what the contact of a conversation is called; "" is not said.
	// Errors are *SendError: Retry when asking again may help, Final otherwise.
	Name(ctx context.Context, channel inbox.Channel, conversation inbox.Conversation) (string, error)
	// NameQueue is the task queue that it is asked on.
	NameQueue(channel inbox.Channel) string
}

// Templater is a kind whose provider approves templates that may leave outside
// the window (W2).
type Templater interface {
	// ApprovedTemplates asks the provider for all of them. Errors are *SendError.
	ApprovedTemplates(ctx context.Context) ([]inbox.ApprovedTemplate, error)
	// TemplateQueue is the task queue that they are asked for on.
	TemplateQueue() string
}

// Hosted is a kind whose channels have an address of ours that mail is forwarded
// to (E3).
type Hosted interface {
	HostedAddress(channel inbox.Channel) string
}

// ChannelChecker is a kind whose settings depend on the rest of the channel.
type ChannelChecker interface {
	// CheckChannel checks an edit, or the connecting of a mailbox, and returns
	// the channel as it is to be saved: with Account as its settings say (G15).
	// before is the channel as it was, zero settings for a new one. CheckSettings
	// let the settings of both through. Errors are as CheckSettings'.
	CheckChannel(before, after inbox.Channel) (inbox.Channel, error)
}

// Addresser is a kind that can tell before sending that an answer has nowhere
// to go.
type Addresser interface {
	// CheckAddress returns an *inbox.Error when the answer cannot be delivered.
	CheckAddress(out Outgoing) error
}

// Absent is a kind that can tell a contact automatically that nobody is there.
type Absent interface {
	// AwayMessage returns the channel's words for it; "" says nothing.
	AwayMessage(channel inbox.Channel) (string, error)
}

// Outgoing is an answer with what a provider needs to deliver it.
type Outgoing struct {
	Account      inbox.Account
	Channel      inbox.Channel
	Conversation inbox.Conversation
	Contact      inbox.Contact
	// Agent is the author; zero for automation.
	Agent   inbox.Agent
	Message inbox.Message
	// Window is what the provider allows at the moment of sending (B11).
	Window inbox.Window
	// References are the provider ids of the thread's earlier messages, oldest
	// first; for Sent those of all others that left, whatever became of them, of their
	// parts, and of the message's other ones.
	References []string
	// TriedAt is when the try began whose outcome is not known, for Sent alone.
	TriedAt time.Time
	// Files are the message's, for Send alone: CheckAddress gets none.
	Files []File
	// Part is which of an answer's several messages Message is, from 1; 0 is the whole
	// (Divider).
	Part int
}

// OnePart is what leaves as one of an answer's parts, from 1.
func (out Outgoing) OnePart(parts []inbox.Message, number int) Outgoing {
	out.Message, out.Part = parts[number-1], number
	if len(out.Files) > 0 {
		before := 0
		for _, part := range parts[:number-1] {
			before += len(part.Attachments)
		}
		out.Files = out.Files[before : before+len(out.Message.Attachments)]
	}
	return out
}

// File is a file that leaves with an answer.
type File struct {
	Name, ContentType string
	Data              []byte
}

// Accepted is the provider's answer.
type Accepted struct {
	// ProviderMessageID is the provider's id of the message, "" when ours stands.
	ProviderMessageID string
}

// Outcome says what is known after a failed try.
type Outcome int

const (
	// Retry is refused for now: certainly not sent, worth another try.
	Retry Outcome = iota
	// Final is certainly not sent and never will be.
	Final
	// Unknown may have been sent: reconcile before another try.
	Unknown
)

// SendError is a failed try.
type SendError struct {
	// Code is stored as the message's error code.
	Code inbox.Code
	// Detail is the provider's reason in words, without personal data; "" is none.
	Detail  string
	Outcome Outcome
	// RetryAfter is the provider's wish; zero leaves it to the retry policy. With
	// Unknown it is when Reconciler's Sent will know; zero is never.
	RetryAfter time.Duration
	Err        error
}

func (e *SendError) Error() string { return fmt.Sprintf("send: %s: %v", e.Code, e.Err) }

func (e *SendError) Unwrap() error { return e.Err }

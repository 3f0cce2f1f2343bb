// Package mailbox is the contract between Switchboard and the servers whose
// mailboxes it reads and sends from: Gmail, Office 365, IMAP.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Client is one mailbox of one server, with what it takes to get in. It is used
// by one goroutine at a time.
type Client interface {
	// Read returns what came in since the cursor, oldest first, and the cursor
	// after it. Cursors are the provider's own words, never dates; "" starts
	// with what comes in from now on, which may take pages without messages.
	//
	// When the provider no longer knows the cursor, Read lists what it has, page
	// by page, and says so in Batch.Resynced. Newer pages may then come before
	// older ones. They repeat what the caller has, which it knows by the messages'
	// ids, and may hold what was there before the mailbox was connected, which it
	// knows by ReceivedAt.
	//
	// Errors are ErrRejected, *Throttled, or something that may pass.
	Read(ctx context.Context, cursor string) (Batch, error)
	// Close ends connections.
	Close() error
}

// Waiter is a mailbox that tells when something comes in.
type Waiter interface {
	// Wait returns nil when something may have come in since the last Read, and
	// after timeout. Errors are Read's.
	Wait(ctx context.Context, timeout time.Duration) error
}

// Subscriber is a mailbox whose provider can be asked to tell us of new mail. What
// it tells is a hint that saves time; Read is what finds mail.
type Subscriber interface {
	// Subscribe has the provider go on with a subscription, or make one where ID is
	// "" or no longer known. The answer has the ID under which it is known now, and
	// until when it lasts. Errors are Read's.
	Subscribe(ctx context.Context, wish Subscription) (Subscription, error)
	// Unsubscribe ends a subscription; one that is not known has ended. Errors are
	// Read's.
	Unsubscribe(ctx context.Context, id string) error
}

// Subscription is a provider's promise to tell us of new mail.
type Subscription struct {
	// ID is the provider's.
	ID string
	// URL is what it tells.
	URL string
	// Secret is what it shows us, so that we believe it. It stays that of the wish
	// that made the subscription.
	Secret string
	// Until is when the subscription ends; a provider may shorten it.
	Until time.Time
}

// Sender is a mailbox that also sends. One without it sends by SMTP.
type Sender interface {
	// Send makes one try. Errors are *channels.SendError; ErrRejected is found
	// within it.
	Send(ctx context.Context, out Outgoing) (Accepted, error)
	// Sent looks for an earlier try of the same message, after a crash; found is
	// false when the provider does not have it. The message is named by MessageID
	// and ComposedAt alone. Errors are Read's; one that cannot be asked fails with
	// a *channels.SendError whose outcome is Unknown.
	Sent(ctx context.Context, out Outgoing) (accepted Accepted, found bool, err error)
}

// Accepted is what became of a message that a provider took.
type Accepted struct {
	// ID is the provider's.
	ID string
	// MessageID is what recipients will refer to in their answers, bare: ours,
	// or the one a provider put in its place. "" when that could not be read.
	MessageID string
}

// Batch is a page of what is new.
type Batch struct {
	Messages []Message
	// Cursor is to be saved once the messages are durable.
	Cursor string
	// More: there is another page right away.
	More bool
	// Resynced: the cursor had expired, and the page is of everything.
	Resynced bool
}

// Message is one message as it lies in the mailbox.
type Message struct {
	// ID is the provider's, unique in the mailbox.
	ID string
	// Raw is nil when the provider has the message and cannot hand it out.
	Raw []byte
	// Problem says why Raw is not the whole message; "" when it is. Such a
	// message belongs in quarantine: the cursor has passed it.
	Problem Problem
	// ReceivedAt is when the provider got it.
	ReceivedAt time.Time
}

// MaxMessage is the size of the largest message that is taken in, in bytes.
const MaxMessage = 35 << 20

// Problem is why a message could not be taken from the mailbox.
type Problem string

const (
	// ProblemTooLarge: it is larger than MaxMessage. Raw is its header, or empty
	// where the provider hands out whole messages alone.
	ProblemTooLarge Problem = "too_large"
	// ProblemUnreadable: the provider lists it and does not hand it out; Raw is
	// empty.
	ProblemUnreadable Problem = "unreadable"
)

// Outgoing is a composed message.
type Outgoing struct {
	// Raw is the whole MIME message; From and To are its envelope.
	Raw      []byte
	From, To string
	// MessageID and InReplyTo are bare; InReplyTo may be "".
	MessageID, InReplyTo string
	// ComposedAt is before the first try: no earlier message can be this one.
	ComposedAt time.Time
}

// ErrRejected says that the provider no longer lets us in (revoked, expired, wrong
// password). Somebody has to connect the mailbox again.
var ErrRejected = errors.New("the provider rejects our credentials")

// Throttled is a provider's wish to be left alone for a while.
type Throttled struct {
	// After is zero when the provider did not say.
	After time.Duration
}

func (e *Throttled) Error() string { return fmt.Sprintf("the provider asks to wait %s", e.After) }

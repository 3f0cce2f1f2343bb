// Package activities holds the steps of a conversation, one per file: each
// loads, asks a pure function of routing, saves, and returns a small decision
// made of ids, codes and times. Every step may be repeated after a lost answer.
package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/temporal"

	"switchboard/channels"
	"switchboard/channels/call"
	"switchboard/channels/email"
	"switchboard/channels/mail"
	"switchboard/channels/messenger"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/store"
)

// Task queues of what leaves for a provider, each with the provider's rate.
const (
	// MailQueue is that of everything that leaves by SMTP.
	MailQueue      = mail.Queue
	GmailQueue     = email.GmailQueue
	Office365Queue = email.Office365Queue
	WhatsAppQueue  = whatsapp.Queue
	MessengerQueue = messenger.Queue
	CallsQueue     = call.Queue
)

// Activities are the steps with what they need. One value serves all workers
// of a process.
type Activities struct {
	Store *store.Store
	// Nudger tells another conversation's workflow that it changed.
	Nudger Nudger
	// Sweeper dispatches what waits.
	Sweeper Sweeper
	// Kinds are the channels' folders, by kind.
	Kinds map[inbox.ChannelKind]channels.Kind
	// Mailboxes opens connected mailboxes, and TakeMail takes in what is in them,
	// as a look every PollEvery finds it.
	Mailboxes Mailboxes
	TakeMail  TakeMail
	PollEvery time.Duration
	// Pages looks after connected pages.
	Pages Pages
	// Readers starts what reads mailboxes and looks after pages.
	Readers Readers
	// Secrets opens what was held back for want of consent; nil without keys.
	Secrets Opener
	// Mail sends notices.
	Mail Mailer
	// PublicURL is where Switchboard is reached from outside.
	PublicURL string
	// AgentURL is where agents open a conversation, with {id} for its id; "" is the
	// API's own address of it.
	AgentURL string
	Log      *slog.Logger
	// Now returns the time decisions are made for, UTC.
	Now func() time.Time
}

// Mailer makes one try to send a mail; errors are *channels.SendError.
type Mailer interface {
	Send(ctx context.Context, m mail.Mail) error
}

// Nudger tells a conversation's workflow to look at its conversation again. A
// nudge that is lost is repeated by the sweep, so callers may only log errors.
type Nudger interface {
	Nudge(ctx context.Context, ref inbox.EpisodeRef) error
}

// final turns an error a user can understand into one Temporal does not retry,
// under its code; expected refusals are benign. Everything else stays as it is
// and is retried.
func final(err error) error {
	known, ok := errors.AsType[*inbox.Error](err)
	if !ok || known.Code == inbox.CodeUnavailable || known.Code == inbox.CodeInternal {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(known.Detail, string(known.Code), temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Category:     temporal.ApplicationErrorCategoryBenign,
		Details:      []any{Refusal{Field: known.Field, Remedy: known.Remedy, Window: known.Window}},
	})
}

// Refusal is what travels with a final error besides its code and sentence.
type Refusal struct {
	Field  string `json:"field,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	// Window is what the provider allows, when that is the reason.
	Window inbox.Window `json:"window,omitzero"`
}

// nudge tells the workflows of conversations that were assigned on the way.
func (a *Activities) nudge(ctx context.Context, refs []inbox.EpisodeRef) {
	for _, ref := range refs {
		if err := a.Nudger.Nudge(ctx, ref); err != nil {
			a.Log.WarnContext(ctx, "nudge left to the sweep", "conversation_id", ref.ConversationID, "error", err)
		}
	}
}

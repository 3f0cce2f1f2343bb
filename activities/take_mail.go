package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.temporal.io/sdk/activity"

	"switchboard/channels/email/mailbox"
	"switchboard/store"
)

const (
	// QuarantinedMail is the source of whole mails in quarantine, which are read
	// again; mailboxSource is what there is of others.
	QuarantinedMail = "email"
	mailboxSource   = "mailbox"
	// patience is how many tries a message gets before it is put aside for the
	// others: with the backoff between them about ten minutes.
	patience = 8
)

// take takes a batch in and moves the cursor behind it.
func (l *look) take(ctx context.Context, batch mailbox.Batch) error {
	for _, message := range batch.Messages {
		if batch.Resynced && !message.ReceivedAt.IsZero() && message.ReceivedAt.Before(l.mailbox.ConnectedAt) {
			continue // it was there before the mailbox was connected
		}
		if err := l.takeOne(ctx, message); err != nil {
			return err
		}
	}
	if batch.Cursor == l.mailbox.Cursor {
		return nil
	}
	if err := l.Store.SaveCursor(ctx, l.mailbox, batch.Cursor); err != nil {
		return fmt.Errorf("save cursor: %w", err)
	}
	l.mailbox.Cursor = batch.Cursor
	return nil
}

// takeOne takes a message in, or puts it aside where that is not possible.
func (l *look) takeOne(ctx context.Context, message mailbox.Message) error {
	if message.Problem != "" || len(message.Raw) == 0 {
		return l.putAside(ctx, mailboxSource, message, fmt.Sprintf("The mailbox's provider did not hand this message out: %s.",
			cmp.Or(message.Problem, mailbox.ProblemUnreadable)))
	}
	err := l.takeWhole(ctx, message)
	if err == nil {
		l.polled.Messages++
		return nil
	}
	if ctx.Err() != nil || activity.GetInfo(ctx).Attempt < patience {
		return err
	}
	l.Log.ErrorContext(ctx, "message put aside", "channel_id", l.channel.ID, "error", err)
	return l.putAside(ctx, QuarantinedMail, message, "Switchboard failed to take this message in; its log says why.")
}

// putAside keeps in quarantine what there is of a message (B9): at least what the
// provider calls it, so that a person finds it.
func (l *look) putAside(ctx context.Context, source string, message mailbox.Message, why string) error {
	raw := message.Raw
	if len(raw) == 0 {
		raw = []byte(message.ID)
	}
	_, err := l.Store.AddQuarantine(ctx, store.QuarantineItem{ChannelID: l.channel.ID, Source: source, Raw: raw, Error: why})
	if err != nil {
		return err
	}
	l.polled.Quarantined++
	return nil
}

// takeWhole turns a panic into an error, so that one message does not keep the
// others waiting for ever.
func (l *look) takeWhole(ctx context.Context, message mailbox.Message) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			// The cause may quote the message (B12); where it happened does not.
			l.Log.ErrorContext(ctx, "panic", "channel_id", l.channel.ID, "stack", string(debug.Stack()))
			err = errors.New("take mail in: panic")
		}
	}()
	if err := l.TakeMail(ctx, l.channel, message); err != nil {
		return fmt.Errorf("take mail in: %w", err)
	}
	return nil
}

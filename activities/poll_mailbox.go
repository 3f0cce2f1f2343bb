package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
	"switchboard/store"
)

// Mailboxes opens connected mailboxes.
type Mailboxes interface {
	// Open opens a mailbox as it was loaded, for as long as ctx lasts; the caller
	// closes it. Errors are mailbox.Client's Read's.
	Open(ctx context.Context, loaded store.Mailbox) (mailbox.Client, error)
	// Subscribe has the provider of an open mailbox tell us of new mail, where it
	// can and as far as it has not done so already. An error costs only time.
	Subscribe(ctx context.Context, loaded store.Mailbox, client mailbox.Client) error
}

// TakeMail takes one message of a mailbox in. Without an error it is durable;
// the same message again changes nothing (B8).
type TakeMail func(ctx context.Context, channel inbox.Channel, message mailbox.Message) error

// Task queues of reading, one for each provider. They are not those of sending:
// neither waits for the other.
const (
	gmailPolls     = "switchboard-gmail-polls"
	office365Polls = "switchboard-office365-polls"
	imapPolls      = "switchboard-imap-polls"
)

// PollQueue is the task queue on which a provider's mailboxes are read.
func PollQueue(provider inbox.Provider) string {
	switch provider {
	case inbox.ProviderGmail:
		return gmailPolls
	case inbox.ProviderOffice365:
		return office365Polls
	default:
		return imapPolls
	}
}

// PollOutcome is what came of a look into a mailbox.
type PollOutcome string

const (
	PollOK        PollOutcome = "ok"
	PollThrottled PollOutcome = "throttled"
	// PollRejected waits for a person to connect the mailbox again.
	PollRejected PollOutcome = "rejected"
	// PollGone is the end: the mailbox was disconnected.
	PollGone PollOutcome = "gone"
	// PollOff is a channel that is switched off: its mail stays where it is (G14).
	PollOff PollOutcome = "off"
)

// PollInput asks for a look into a mailbox.
type PollInput struct {
	ChannelID string `json:"channel_id"`
	// Throttled counts the looks in a row that the provider did not want.
	Throttled int `json:"throttled,omitempty"`
}

// Polled is what a look found. It says nothing of the mail itself (B12).
type Polled struct {
	Outcome PollOutcome `json:"outcome"`
	// Messages were taken in, or had been before.
	Messages int `json:"messages,omitempty"`
	// Quarantined could not be.
	Quarantined int `json:"quarantined,omitempty"`
	// Wait is how long to wait before the next look; zero is not at all.
	Wait time.Duration `json:"wait,omitempty"`
	// Throttled is for the next look's input.
	Throttled int `json:"throttled,omitempty"`
}

const (
	// lookFor bounds a look: what is left then is left to the next one.
	lookFor = 5 * time.Minute
	// rejectedEvery is how soon a rejected mailbox is looked up again in the
	// database, in case nobody could tell that it was connected again.
	rejectedEvery = 10 * time.Minute
)

// PollMailbox takes in what is new in a channel's mailbox. A cursor is saved once
// everything before it is durable, so that a crash in between reads some again
// and loses none. What the provider cannot hand out goes to quarantine (B9). An
// error is worth another try.
func (a *Activities) PollMailbox(ctx context.Context, in PollInput) (Polled, error) {
	defer beat(ctx)()
	loaded, err := a.Store.Mailbox(ctx, in.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return Polled{Outcome: PollGone}, nil
	}
	if err != nil {
		return Polled{}, fmt.Errorf("load mailbox: %w", err)
	}
	channel, err := a.Store.Channel(ctx, in.ChannelID)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound:
		return Polled{Outcome: PollGone}, nil
	case err != nil:
		return Polled{}, fmt.Errorf("load channel: %w", err)
	case channel.State == inbox.ChannelNeedsReconnect:
		return Polled{Outcome: PollRejected, Wait: rejectedEvery}, nil
	case !channel.Enabled:
		return Polled{Outcome: PollOff, Wait: a.PollEvery}, a.checked(ctx, loaded)
	}
	look := look{Activities: a, in: in, channel: channel, mailbox: loaded, polled: Polled{Outcome: PollOK}}
	return look.run(ctx)
}

// checked records that everything new was read. Somebody who changed the mailbox
// meanwhile knows better.
func (a *Activities) checked(ctx context.Context, loaded store.Mailbox) error {
	err := a.Store.MailboxChecked(ctx, loaded, a.Now())
	if errors.Is(err, store.ErrMailboxChanged) {
		return nil
	}
	return err
}

// look is one look into a mailbox.
type look struct {
	*Activities
	in      PollInput
	channel inbox.Channel
	mailbox store.Mailbox
	polled  Polled
}

func (l *look) run(ctx context.Context) (Polled, error) {
	client, err := l.Mailboxes.Open(ctx, l.mailbox)
	if err != nil {
		return l.failed(ctx, err)
	}
	defer func() { _ = client.Close() }() // everything was read, or err tells more
	over := time.Now().Add(lookFor)
	for {
		batch, err := client.Read(ctx, l.mailbox.Cursor)
		if err != nil {
			return l.failed(ctx, err)
		}
		if err := l.take(ctx, batch); err != nil {
			return Polled{}, err
		}
		if batch.More && time.Now().Before(over) {
			continue
		}
		if batch.More {
			return l.polled, nil
		}
		if err := l.checked(ctx, l.mailbox); err != nil {
			return Polled{}, err
		}
		if err := l.Mailboxes.Subscribe(ctx, l.mailbox, client); err != nil {
			l.Log.WarnContext(ctx, "the provider does not tell of new mail", "channel_id", l.channel.ID, "error", err)
		}
		waiter, ok := client.(mailbox.Waiter)
		if !ok {
			l.polled.Wait = l.PollEvery
			return l.polled, nil
		}
		again, err := l.await(ctx, waiter, over)
		if err != nil {
			return l.failed(ctx, err)
		}
		if !again {
			return l.polled, nil
		}
	}
}

// await waits until something may have come in; again is false when the look is
// over, or the process about to stop.
func (l *look) await(ctx context.Context, waiter mailbox.Waiter, over time.Time) (again bool, err error) {
	remaining := time.Until(over)
	if remaining <= 0 {
		return false, nil
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	stopping := activity.GetWorkerStopChannel(ctx)
	go func() {
		select {
		case <-stopping:
			stop()
		case <-waiting.Done():
		}
	}()
	err = waiter.Wait(waiting, remaining)
	if waiting.Err() != nil && ctx.Err() == nil {
		return false, nil
	}
	return true, err
}

// failed is the one table from a provider's failure to what comes next.
func (l *look) failed(ctx context.Context, err error) (Polled, error) {
	if ctx.Err() != nil {
		return Polled{}, ctx.Err()
	}
	if errors.Is(err, mailbox.ErrRejected) {
		return l.rejected(ctx)
	}
	problem := inbox.MailboxUnreadable
	throttled, ok := errors.AsType[*mailbox.Throttled](err)
	if ok {
		problem = inbox.MailboxThrottled
	}
	l.Log.WarnContext(ctx, "mailbox was not read", "channel_id", l.channel.ID, "code", problem, "error", err)
	// What another process changed meanwhile is not what failed.
	if err := l.Store.MailboxFailing(ctx, l.mailbox, problem, l.Now()); err != nil && !errors.Is(err, store.ErrMailboxChanged) {
		return Polled{}, err
	}
	if !ok {
		return Polled{}, fmt.Errorf("read mailbox: %w", err)
	}
	l.polled.Outcome, l.polled.Throttled = PollThrottled, l.in.Throttled+1
	l.polled.Wait = throttledFor(throttled.After, l.in.Throttled)
	return l.polled, nil
}

// rejected records that the provider no longer lets us in, unless with
// credentials that were replaced meanwhile.
func (l *look) rejected(ctx context.Context) (Polled, error) {
	err := l.Store.RejectMailbox(ctx, l.mailbox, l.Now())
	if errors.Is(err, store.ErrMailboxChanged) {
		return l.polled, nil
	}
	if err != nil {
		return Polled{}, err
	}
	l.Log.WarnContext(ctx, "mailbox needs to be connected again", "channel_id", l.channel.ID)
	l.polled.Outcome, l.polled.Wait = PollRejected, rejectedEvery
	return l.polled, nil
}

// throttledFor is how long a provider is left alone: as long as it says, but no
// longer than an hour, or a minute that doubles up to a quarter of an hour.
func throttledFor(wish time.Duration, before int) time.Duration {
	if wish > 0 {
		return min(wish, time.Hour)
	}
	return min(time.Minute<<min(before, 10), 15*time.Minute)
}

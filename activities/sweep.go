package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"switchboard/inbox"
)

// Sweeper tells workflows what they have not been told yet.
type Sweeper interface {
	Sweep(ctx context.Context) (Swept, error)
}

// Swept counts what a sweep made good.
type Swept struct {
	Messages int `json:"messages"`
	Nudges   int `json:"nudges"`
	// Windows moved without a message.
	Windows int `json:"windows,omitempty"`
	// Overdue conversations had answers or notices that nothing tried.
	Overdue int `json:"overdue,omitempty"`
	// Calls had something to tell.
	Calls int `json:"calls"`
	// Transcripts were not yet mailed.
	Transcripts int `json:"transcripts,omitempty"`
	// Assigned conversations had waited for an agent who was there.
	Assigned int `json:"assigned"`
	// GivenUp are conversations with messages for which nobody agreed in time.
	GivenUp int `json:"given_up"`
	// Mailboxes had nothing that read them.
	Mailboxes int `json:"mailboxes"`
	// Pages were due to be checked.
	Pages int `json:"pages,omitempty"`
}

// Sweep makes good what was missed while Temporal was away: messages whose
// workflow was never told (B8), nudges that were lost, windows that moved, answers
// and notices that were lost with their workflow, drains towards agents who became
// available (B2), messages that were held back too long (M8), pages that are not as
// they should be, lists of templates that are old, and connected mailboxes that
// nothing reads.
func (a *Activities) Sweep(ctx context.Context) (Swept, error) {
	defer beat(ctx)()
	swept, err := a.Sweeper.Sweep(ctx)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	awaited, err := a.Store.Awaited(ctx)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	for _, agentID := range awaited {
		assigned, err := a.Drain(ctx, agentID)
		swept.Assigned += assigned
		if err != nil {
			return swept, err
		}
	}
	if swept.GivenUp, err = a.giveUpForgotten(ctx); err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	if err := a.tellOfPages(ctx); err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	if swept.Pages, err = a.startPageChecks(ctx); err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	if err := a.startTemplates(ctx); err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	swept.Mailboxes, err = a.startReaders(ctx)
	return swept, err
}

// Readers starts the workflows that read mailboxes, look after pages and refresh
// templates.
type Readers interface {
	// StartMailbox returns false when the workflow runs already.
	StartMailbox(ctx context.Context, channelID string, provider inbox.Provider) (started bool, err error)
	// StartPage returns false when the workflow runs already.
	StartPage(ctx context.Context, channelID string) (started bool, err error)
	// StartTemplates returns false when the workflow runs already.
	StartTemplates(ctx context.Context, kind inbox.ChannelKind, queue string) (started bool, err error)
}

const (
	// unreadFor is how long nothing may have read a mailbox before its workflow is
	// looked for, unreadAtOnce how many are at once.
	unreadFor    = 10 * time.Minute
	unreadAtOnce = 100
)

func (a *Activities) startReaders(ctx context.Context) (started int, err error) {
	unread, err := a.Store.UnreadMailboxes(ctx, a.Now().Add(-unreadFor), a.Now(), unreadAtOnce)
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	for _, mailbox := range unread {
		fresh, err := a.Readers.StartMailbox(ctx, mailbox.ChannelID, mailbox.Provider)
		if err != nil {
			return started, fmt.Errorf("sweep: %w", err)
		}
		if fresh {
			started++
		}
	}
	return started, nil
}

// heartbeat is well below what the workflow waits for.
const heartbeat = time.Second

// beat tells Temporal that the activity lives until the returned function is
// called.
func beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}

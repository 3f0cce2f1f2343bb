package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// MailboxID is the workflow id of a channel's connected mailbox.
func MailboxID(channelID string) string { return "mailbox:" + channelID }

const (
	// SignalMailboxChanged says that a mailbox was connected, connected again or
	// disconnected. A look under way is of no more use.
	SignalMailboxChanged = "mailbox_changed"
	// SignalMailboxHint says that new mail may have come. A look under way goes on,
	// and another one follows.
	SignalMailboxHint = "mailbox_hint"
)

// MailboxInput starts the reading of a mailbox.
type MailboxInput struct {
	ChannelID string         `json:"channel_id"`
	Provider  inbox.Provider `json:"provider"`
}

// pollsPerRun keeps histories short.
const pollsPerRun = 250

// Mailbox reads a connected mailbox, again and again, until it is disconnected.
func Mailbox(ctx workflow.Context, in MailboxInput) error {
	m := &mailbox{
		in: in, changes: workflow.GetSignalChannel(ctx, SignalMailboxChanged), hints: workflow.GetSignalChannel(ctx, SignalMailboxHint),
	}
	return m.run(ctx)
}

type mailbox struct {
	in             MailboxInput
	changes, hints workflow.ReceiveChannel
	// told: the admins know that it was rejected.
	told bool
}

func (m *mailbox) run(ctx workflow.Context) error {
	throttled := 0
	for range pollsPerRun {
		polled, err := m.poll(ctx, throttled)
		if err != nil {
			return err
		}
		workflow.SetCurrentDetails(ctx, m.details(ctx, polled))
		switch polled.Outcome {
		case activities.PollGone:
			return nil
		case activities.PollRejected:
			m.tell(ctx)
		default:
			m.told = false
		}
		throttled = polled.Throttled
		if err := m.wait(ctx, polled); err != nil {
			return err
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			break
		}
	}
	return workflow.NewContinueAsNewError(ctx, Mailbox, m.in)
}

// poll reads what is new. After a change it begins anew, with the mailbox as it
// is then.
func (m *mailbox) poll(ctx workflow.Context, throttled int) (activities.Polled, error) {
	for {
		for m.changes.ReceiveAsync(nil) || m.hints.ReceiveAsync(nil) {
			// This look sees them.
		}
		var polled activities.Polled
		changed, err := m.unlessChanged(ctx, &polled, func(ctx workflow.Context) workflow.Future {
			return workflow.ExecuteActivity(mailboxPoll(ctx, activities.PollQueue(m.in.Provider)), steps.PollMailbox,
				activities.PollInput{ChannelID: m.in.ChannelID, Throttled: throttled})
		})
		if !changed || ctx.Err() != nil {
			return polled, err
		}
	}
}

// unlessChanged waits for an activity, also while it is tried again and again. A
// change ends it early.
func (m *mailbox) unlessChanged(ctx workflow.Context, result any, start func(workflow.Context) workflow.Future) (changed bool, err error) {
	running, cancel := workflow.WithCancel(ctx)
	defer cancel()
	activity := start(running)
	err = workflow.Await(ctx, func() bool { return activity.IsReady() || m.changes.Len() > 0 })
	if err != nil {
		return false, err
	}
	if changed = m.changes.Len() > 0; changed {
		cancel()
	}
	return changed, activity.Get(ctx, result)
}

// wait returns after a while, or as soon as the mailbox has changed. A hint ends
// the waiting for new mail only, not that of a provider who asks for it.
func (m *mailbox) wait(ctx workflow.Context, polled activities.Polled) error {
	if polled.Wait <= 0 {
		return nil
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: polled.Wait, TimerOptions: workflow.TimerOptions{Summary: "until the next look"},
	}, func() bool { return m.changes.Len() > 0 || polled.Outcome == activities.PollOK && m.hints.Len() > 0 })
	return err
}

// tell mails the admins that the mailbox needs to be connected again.
func (m *mailbox) tell(ctx workflow.Context) {
	if m.told {
		return
	}
	changed, err := m.unlessChanged(ctx, nil, func(ctx workflow.Context) workflow.Future {
		return workflow.ExecuteActivity(providerCall(ctx, activities.MailQueue, "tell the admins"), steps.TellRejected, m.in.ChannelID)
	})
	m.told = err == nil
	if err != nil && !changed {
		workflow.GetLogger(ctx).Error("admins were not told", "channel_id", m.in.ChannelID, "error", err)
	}
}

// details is the mailbox in a few lines of Markdown for the operator.
func (m *mailbox) details(ctx workflow.Context, polled activities.Polled) string {
	text := fmt.Sprintf("**%s**, channel `%s`\n- last look: `%s` at %s, %d messages",
		m.in.Provider, m.in.ChannelID, polled.Outcome, workflow.Now(ctx).Format(time.RFC3339), polled.Messages)
	if polled.Wait > 0 {
		text += fmt.Sprintf("\n- next look: in %s, or when something changes", polled.Wait)
	}
	return text
}

package workflows

import (
	"go.temporal.io/sdk/workflow"

	"switchboard/inbox"
)

// Conversation is one episode of a conversation, from its opening or reopening
// to its closing: it routes, then waits for messages, agents and deadlines.
// Closing completes the run; the next message starts a new one.
func Conversation(ctx workflow.Context, in ConversationInput) error {
	c := newConversation(ctx, in)
	if err := c.handleUpdates(ctx); err != nil {
		return err
	}
	return c.run(ctx)
}

// conversation is a running episode. Whoever calls an activity and then changes
// the state holds the mutex: updates run beside the main course.
type conversation struct {
	State
	ref     inbox.EpisodeRef
	cause   inbox.AssignmentCause
	resumed bool

	mutex    workflow.Mutex
	messages workflow.ReceiveChannel
	nudges   workflow.ReceiveChannel
	calls    workflow.ReceiveChannel
	windows  workflow.ReceiveChannel
	takeUps  workflow.ReceiveChannel
	// changed makes the main course look at its deadlines again.
	changed bool
	alarm   alarm
	// outward is the context of mails and providers' calls; stopOutward cancels
	// those that have not begun.
	outward     workflow.Context
	stopOutward workflow.CancelFunc
	delivering  bool
	telling     int
	fetching    int
	asking      int
	shown       shown
}

func newConversation(ctx workflow.Context, in ConversationInput) *conversation {
	c := &conversation{
		ref:      in.Ref,
		cause:    in.Cause,
		mutex:    workflow.NewMutex(ctx),
		messages: workflow.GetSignalChannel(ctx, SignalMessage),
		nudges:   workflow.GetSignalChannel(ctx, SignalNudge),
		calls:    workflow.GetSignalChannel(ctx, SignalCall),
		windows:  workflow.GetSignalChannel(ctx, SignalWindow),
		takeUps:  workflow.GetSignalChannel(ctx, SignalTakeUp),
	}
	c.outward, c.stopOutward = workflow.WithCancel(ctx)
	if in.Resume != nil {
		c.State, c.resumed = *in.Resume, true
	}
	return c
}

func (c *conversation) run(ctx workflow.Context) error {
	if err := c.begin(ctx); err != nil {
		return c.gone(ctx, err)
	}
	for !c.finished(ctx) {
		c.show(ctx)
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return c.continueAsNew(ctx)
		}
		if err := c.wait(ctx); err != nil {
			return err
		}
		if err := c.react(ctx); err != nil {
			return c.gone(ctx, err)
		}
	}
	c.show(ctx)
	return nil
}

// begin routes a new episode or takes up a resumed one.
func (c *conversation) begin(ctx workflow.Context) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	if !c.resumed {
		return c.route(ctx)
	}
	notices := c.Notices
	c.Notices = nil
	for _, id := range notices {
		c.startNotice(id)
	}
	c.deliver()
	fetching := c.Fetching
	c.Fetching = nil
	c.fetch(fetching)
	if c.Naming {
		c.startNaming()
	}
	return nil
}

// wait returns when there is something to react to.
func (c *conversation) wait(ctx workflow.Context) error {
	c.changed = false
	at, summary := c.Deadlines.earliest()
	c.alarm.set(ctx, at, summary)
	return workflow.Await(ctx, func() bool {
		return c.signalled() || c.alarm.rang() || c.changed || c.finished(ctx)
	})
}

// signalled reports whether somebody told of something.
func (c *conversation) signalled() bool {
	return c.messages.Len() > 0 || c.nudges.Len() > 0 || c.calls.Len() > 0 || c.windows.Len() > 0 || c.takeUps.Len() > 0
}

// react takes what has come, oldest first.
func (c *conversation) react(ctx workflow.Context) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	var message MessageSignal
	for c.messages.ReceiveAsync(&message) {
		if err := c.takeMessage(ctx, message.MessageID); err != nil {
			return err
		}
	}
	var call CallSignal
	for c.calls.ReceiveAsync(&call) {
		if err := c.takeCall(ctx, call.CallID); err != nil {
			return err
		}
	}
	if received(c.takeUps) {
		if err := c.takeUpLost(ctx); err != nil {
			return err
		}
	}
	if received(c.windows) {
		if err := c.lookAtWindow(ctx); err != nil {
			return err
		}
	}
	nudged := received(c.nudges)
	if nudged && c.AsksConsent {
		if err := c.goOnWithConsent(ctx); err != nil {
			return err
		}
	} else if nudged && c.Status.Active() && !c.Chatflow {
		if err := c.assign(ctx, inbox.CauseRetry); err != nil {
			return err
		}
	}
	if c.alarm.rang() {
		return c.meetDeadline(ctx)
	}
	return nil
}

// received empties a channel of signals that say no more than that they came: one
// look answers them all.
func received(signals workflow.ReceiveChannel) (came bool) {
	for signals.ReceiveAsync(nil) {
		came = true
	}
	return came
}

// finished reports whether the episode is closed with nothing left to do.
func (c *conversation) finished(ctx workflow.Context) bool {
	return c.Status == inbox.StatusClosed &&
		len(c.Outbox) == 0 && len(c.Notices) == 0 && len(c.Fetching) == 0 &&
		c.messages.Len() == 0 && c.calls.Len() == 0 && c.takeUps.Len() == 0 && workflow.AllHandlersFinished(ctx)
}

// continueAsNew starts the run anew with the same state, once handlers have
// finished, calls under way have ended and signals are drained.
func (c *conversation) continueAsNew(ctx workflow.Context) error {
	c.stopOutward()
	err := workflow.Await(ctx, func() bool {
		return !c.delivering && c.telling == 0 && c.fetching == 0 && c.asking == 0 && workflow.AllHandlersFinished(ctx)
	})
	if err != nil {
		return err
	}
	for c.signalled() {
		if err := c.react(ctx); err != nil {
			return c.gone(ctx, err)
		}
	}
	return workflow.NewContinueAsNewError(ctx, Conversation,
		ConversationInput{Ref: c.ref, Cause: c.cause, Resume: &c.State})
}

// gone ends the run of a conversation that exists no more; other errors end it
// as failed.
func (c *conversation) gone(ctx workflow.Context, err error) error {
	if code(err) != inbox.CodeNotFound {
		return err
	}
	workflow.GetLogger(ctx).Warn("conversation is gone", "conversation_id", c.ref.ConversationID)
	return nil
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// SendMessage hands one answer to its provider, asking once more whether it may
// be sent (B11). It returns the message's state. A message found in "sending"
// may have left before a crash: unless the provider knows, it becomes "unknown"
// and is not sent again.
func (a *Activities) SendMessage(ctx context.Context, messageID string) (inbox.MessageState, error) {
	reply, err := a.Store.Reply(ctx, messageID)
	if err != nil {
		return "", final(fmt.Errorf("load reply: %w", err))
	}
	state, err := a.trySending(ctx, reply)
	if err != nil {
		a.putOff(context.WithoutCancel(ctx), reply.Conversation.ID, err)
	}
	return state, err
}

// putOff notes when a conversation's answers are tried again, so that the sweep knows
// that their workflow has them in hand.
func (a *Activities) putOff(ctx context.Context, conversationID string, failure error) {
	again := a.Now()
	if wish, ok := errors.AsType[*temporal.ApplicationError](failure); ok {
		again = again.Add(wish.NextRetryDelay())
	}
	if err := a.Store.PutOffAnswers(ctx, conversationID, again); err != nil {
		a.Log.WarnContext(ctx, "answers were not put off", "conversation_id", conversationID, "error", err)
	}
}

func (a *Activities) trySending(ctx context.Context, reply store.Reply) (inbox.MessageState, error) {
	messageID := reply.Message.ID
	switch reply.Message.State {
	case inbox.MessagePending:
	case inbox.MessageSending:
		if firstTry(ctx) {
			return a.inOtherHands(ctx, messageID)
		}
		state, err := a.reconcile(ctx, reply)
		if err != nil || state != inbox.MessagePending {
			return state, err
		}
	default:
		return reply.Message.State, nil
	}
	if refusal := a.refusal(reply, a.Now()); refusal != nil {
		return a.fail(ctx, messageID, refusal.Code, "")
	}
	sender, ok := a.Kinds[reply.Conversation.ChannelKind].(channels.Sender)
	if !ok {
		return a.fail(ctx, messageID, inbox.CodeChannelNotOffered, "")
	}
	if pause := reply.Channel.PausedUntil.Sub(a.Now()); pause > 0 {
		return "", tryAgain(&channels.SendError{Code: inbox.CodeRateLimited, RetryAfter: pause})
	}
	files, err := a.files(ctx, reply.Message)
	if err != nil {
		return "", err
	}
	out := outgoing(reply)
	out.Window, out.Files = routing.WindowOf(reply.Conversation, a.Now()), files
	if late(ctx) {
		return "", tryAgain(&channels.SendError{Code: inbox.CodeUnavailable, RetryAfter: time.Second})
	}
	claimed, err := a.Store.ClaimMessage(ctx, messageID, a.Now())
	if err != nil {
		return "", fmt.Errorf("claim message: %w", err)
	}
	if !claimed {
		return a.inOtherHands(ctx, messageID)
	}
	if parts := a.partsOf(reply); len(parts) > 1 {
		return a.sendParts(ctx, sender, reply, out, parts)
	}
	accepted, err := sender.Send(ctx, out)
	// The record must outlive the attempt's own deadline.
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return a.afterFailure(ctx, reply, out.Window, err)
	}
	if err := a.Store.MarkSent(ctx, messageID, accepted.ProviderMessageID, a.Now()); err != nil {
		return "", fmt.Errorf("record sending: %w", err)
	}
	return inbox.MessageSent, nil
}

// tryWithin is more than a try may take (callTimeout in workflows): after it one that
// has a message in hand has ended, and left its record or died.
const tryWithin = 3 * time.Minute

// sendWithin is more than handing over one message takes.
const sendWithin = 100 * time.Second

// late reports whether a try has too little time left to hand anything over: then the
// next one does, so that no message is under way still when that one asks for it.
func late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < sendWithin
}

// firstTry reports whether Temporal asks for the first time. What is under way then is
// in the hands of a run that was terminated, and may still leave.
func firstTry(ctx context.Context) bool {
	return activity.IsActivity(ctx) && activity.GetInfo(ctx).Attempt == 1
}

// inOtherHands returns the state of a message that another try took first. While that
// is under way the message is asked for again when it must have ended: the other try
// may die without a record, and nobody else would look.
func (a *Activities) inOtherHands(ctx context.Context, messageID string) (inbox.MessageState, error) {
	message, err := a.Store.Message(ctx, messageID)
	if err != nil {
		return "", final(fmt.Errorf("load message: %w", err))
	}
	switch message.State {
	case inbox.MessagePending, inbox.MessageSending:
		return "", tryAgain(&channels.SendError{Code: inbox.CodeUnavailable, RetryAfter: tryWithin})
	default:
		return message.State, nil
	}
}

// reconcile finds out what became of a try that left no record, and returns the
// message's state: "pending" when it certainly did not leave. An error is worth
// looking again.
func (a *Activities) reconcile(ctx context.Context, reply store.Reply) (inbox.MessageState, error) {
	if parts := a.partsOf(reply); len(parts) > 1 {
		return a.reconcileParts(ctx, reply, parts)
	}
	accepted, found, state, err := a.lookUp(ctx, reply, outgoing(reply))
	if err != nil || state != "" {
		return state, err
	}
	if !found {
		return a.settle(ctx, reply.Message.ID, inbox.MessagePending, "")
	}
	if err := a.Store.MarkSent(ctx, reply.Message.ID, accepted.ProviderMessageID, a.Now()); err != nil {
		return "", fmt.Errorf("record sending: %w", err)
	}
	return inbox.MessageSent, nil
}

// lookUp asks the provider for a message that may have left. When nobody can tell,
// the message's state is settled and returned.
func (a *Activities) lookUp(
	ctx context.Context, reply store.Reply, out channels.Outgoing,
) (accepted channels.Accepted, found bool, state inbox.MessageState, err error) {
	messageID := reply.Message.ID
	provider, ok := a.Kinds[reply.Conversation.ChannelKind].(channels.Reconciler)
	if !ok {
		state, err = a.settle(ctx, messageID, inbox.MessageUnknown, inbox.CodeDeliveryUnknown)
		return accepted, false, state, err
	}
	if out.TriedAt, err = a.Store.TriedAt(ctx, reply.Message); err != nil {
		return accepted, false, "", err
	}
	if out.References, err = a.Store.SentReferences(ctx, reply.Message); err != nil {
		return accepted, false, "", err
	}
	accepted, found, err = provider.Sent(ctx, out)
	if err == nil {
		return accepted, found, "", nil
	}
	failure := failureOf(err)
	a.Log.WarnContext(ctx, "looking up a message failed", "message_id", messageID, "code", failure.Code, "outcome", failure.Outcome)
	if failure.Outcome == channels.Retry {
		return accepted, false, "", tryAgain(failure)
	}
	state, err = a.settle(ctx, messageID, inbox.MessageUnknown, inbox.CodeDeliveryUnknown)
	return accepted, false, state, err
}

// files loads what leaves with an answer.
func (a *Activities) files(ctx context.Context, m inbox.Message) ([]channels.File, error) {
	if len(m.Attachments) == 0 {
		return nil, nil
	}
	stored, err := a.Store.Files(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("load files: %w", err)
	}
	files := make([]channels.File, len(stored))
	for i, file := range stored {
		files[i] = channels.File{Name: file.Name, ContentType: file.ContentType, Data: file.Data}
	}
	return files, nil
}

// FailMessage gives up on an answer whose provider could not be reached for
// too long. One found in "sending" may have left: it becomes "unknown".
func (a *Activities) FailMessage(ctx context.Context, messageID string) error {
	message, err := a.Store.Message(ctx, messageID)
	if err != nil {
		return final(fmt.Errorf("load message: %w", err))
	}
	switch message.State {
	case inbox.MessagePending:
		_, err = a.fail(ctx, messageID, inbox.CodeDeliveryFailed, "")
	case inbox.MessageSending:
		_, err = a.settle(ctx, messageID, inbox.MessageUnknown, inbox.CodeDeliveryUnknown)
	}
	return err
}

// afterFailure is the one table from a provider's failure to a message's state.
func (a *Activities) afterFailure(
	ctx context.Context, reply store.Reply, window inbox.Window, err error,
) (inbox.MessageState, error) {
	failure := failureOf(err)
	a.Log.WarnContext(ctx, "sending failed", "message_id", reply.Message.ID, "code", failure.Code, "outcome", failure.Outcome)
	switch failure.Outcome {
	case channels.Final:
		if err := a.correctWindow(ctx, reply, window, failure.Code); err != nil {
			return "", err
		}
		return a.fail(ctx, reply.Message.ID, failure.Code, failure.Detail)
	case channels.Unknown:
		if failure.RetryAfter > 0 {
			return "", tryAgain(failure) // still "sending": the next try asks
		}
		return a.settle(ctx, reply.Message.ID, inbox.MessageUnknown, failure.Code)
	default:
		if _, err := a.settle(ctx, reply.Message.ID, inbox.MessagePending, ""); err != nil {
			return "", err
		}
		if err := a.pause(ctx, reply.Channel, failure); err != nil {
			return "", err
		}
		return "", tryAgain(failure)
	}
}

// correctWindow believes a provider that says that the time to write is over. The
// sweep tells the workflow.
func (a *Activities) correctWindow(ctx context.Context, reply store.Reply, window inbox.Window, code inbox.Code) error {
	switch code {
	case inbox.CodeWindowClosed, inbox.CodeTemplateRequired:
	default:
		return nil
	}
	c := reply.Conversation
	expires, lastContact := routing.WindowRefused(window.State, c.Window.ClosesAt, c.LastContactAt, a.Now())
	return a.Store.CorrectWindow(ctx, c, reply.Message.ID, expires, lastContact, a.Now())
}

// pause has a channel's other answers wait as well when its provider asks for
// less; those of other channels go on. The failure gets the length of the pause.
func (a *Activities) pause(ctx context.Context, channel inbox.Channel, failure *channels.SendError) error {
	if failure.RetryAfter <= 0 && failure.Code != inbox.CodeRateLimited {
		return nil
	}
	try := 1
	if activity.IsActivity(ctx) {
		try = int(activity.GetInfo(ctx).Attempt)
	}
	failure.RetryAfter = routing.Pause(failure.RetryAfter, try)
	return a.Store.PauseChannel(ctx, channel.ID, a.Now().Add(failure.RetryAfter))
}

// tryAgain has Temporal try again, at the provider's wish if it has one.
func tryAgain(failure *channels.SendError) error {
	return temporal.NewApplicationErrorWithOptions("the provider did not accept it yet", string(failure.Code),
		temporal.ApplicationErrorOptions{NextRetryDelay: failure.RetryAfter})
}

// failureOf is what a failed try says of itself; one that says nothing may have
// been sent.
func failureOf(err error) *channels.SendError {
	if failure, ok := errors.AsType[*channels.SendError](err); ok {
		return failure
	}
	return &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: err}
}

// fail gives up on an answer, with the provider's reason in words if it gave one.
func (a *Activities) fail(ctx context.Context, messageID string, code inbox.Code, detail string) (inbox.MessageState, error) {
	if err := a.Store.FailMessage(ctx, messageID, code, detail, a.Now()); err != nil {
		return "", final(fmt.Errorf("record failure: %w", err))
	}
	return inbox.MessageFailed, nil
}

// settle records the state and returns it.
func (a *Activities) settle(ctx context.Context, messageID string, state inbox.MessageState, code inbox.Code) (inbox.MessageState, error) {
	if err := a.Store.SetMessageState(ctx, messageID, state, code, a.Now()); err != nil {
		return "", final(fmt.Errorf("record message state: %w", err))
	}
	return state, nil
}

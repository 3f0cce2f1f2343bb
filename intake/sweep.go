package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/store"
)

const (
	// sweepAge leaves messages alone that are being dispatched right now.
	sweepAge = 5 * time.Second
	// sweepPause is how long one that failed lets the others go first.
	sweepPause = 15 * time.Second
	// sweepBatch bounds one sweep; what is left waits for the next.
	sweepBatch = 500
	// overdueAge is longer than a workflow waits before it tries again, ten minutes,
	// and than a try takes.
	overdueAge = 15 * time.Minute
)

// Sweep tells workflows of messages they never confirmed, the longest waiting
// first, repeats nudges that were lost, tells of windows that moved and of what
// nothing tries any more, and starts the transcripts that wait. A message that fails
// again goes behind the others, however many always fail.
func (s *Service) Sweep(ctx context.Context) (activities.Swept, error) {
	var swept activities.Swept
	before := time.Now().UTC().Add(-s.sweepAge)
	messages, err := s.store.Undispatched(ctx, before, s.sweepBatch)
	if err != nil {
		return swept, fmt.Errorf("list messages to dispatch: %w", err)
	}
	for _, message := range messages {
		if ctx.Err() != nil {
			return swept, context.Cause(ctx)
		}
		if err := s.dispatch(ctx, message); err != nil {
			s.log.WarnContext(ctx, "dispatch failed again", "message_id", message.MessageID, "error", err)
			if err := s.store.PutOffDispatch(ctx, message.MessageID, time.Now().Add(sweepPause)); err != nil {
				return swept, err
			}
			continue
		}
		swept.Messages++
	}
	nudges, err := s.store.NudgesDue(ctx, before, s.sweepBatch)
	if err != nil {
		return swept, fmt.Errorf("list nudges: %w", err)
	}
	swept.Nudges = s.again(ctx, "nudge", nudges, s.conversations.Nudge)
	windows, err := s.store.WindowNewsDue(ctx, before, s.sweepBatch)
	if err != nil {
		return swept, err
	}
	swept.Windows = s.again(ctx, "window", windows, s.tellWindow)
	overdue, err := s.store.Overdue(ctx, time.Now().UTC().Add(-s.overdueAge), s.sweepBatch)
	if err != nil {
		return swept, err
	}
	swept.Overdue = s.again(ctx, "overdue", overdue, s.tellOverdue)
	if swept.Calls, err = s.sweepCalls(ctx, before); err != nil {
		return swept, err
	}
	swept.Transcripts, err = s.sweepTranscripts(ctx, before)
	return swept, err
}

// dispatch tells the workflow of a message in either direction. An answer that
// is refused was told: the refusal stands on the message.
func (s *Service) dispatch(ctx context.Context, message store.Undispatched) error {
	ctx, cancel := context.WithTimeout(ctx, s.tellWithin)
	defer cancel()
	if message.Direction == inbox.DirectionIn {
		return s.conversations.Message(ctx, input(message.Ref(), message.MessageID))
	}
	err := s.conversations.Reply(ctx, message.Ref(), message.MessageID)
	if inbox.CodeOf(err) == inbox.CodeUnavailable {
		return err
	}
	return nil
}

// tellOverdue has a workflow take up what it may have lost. One that is waiting in a
// long queue has not, and is left alone for a while again.
func (s *Service) tellOverdue(ctx context.Context, ref inbox.EpisodeRef) error {
	err := s.conversations.TakeUp(ctx, ref)
	return errors.Join(err, s.store.OverdueTold(context.WithoutCancel(ctx), ref.ConversationID, time.Now()))
}

// again tells workflows what they were not told, and counts those that heard it. What
// fails waits for the next sweep.
func (s *Service) again(
	ctx context.Context, what string, missed []inbox.EpisodeRef, tell func(context.Context, inbox.EpisodeRef) error,
) (told int) {
	for _, ref := range missed {
		trying, cancel := context.WithTimeout(ctx, s.tellWithin)
		err := tell(trying, ref)
		cancel()
		if err != nil {
			s.log.WarnContext(ctx, "workflow not told again", "of", what, "conversation_id", ref.ConversationID, "error", err)
			continue
		}
		told++
	}
	return told
}

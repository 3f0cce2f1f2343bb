package intake

import (
	"context"
	"errors"
	"log/slog"
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
// first, repeats nudges that were lost, tells of windows that moved, of what is
// overdue and of calls, and starts the transcripts that wait. A message that fails
// again goes behind the others, however many always fail.
func (s *Service) Sweep(ctx context.Context) (swept activities.Swept, err error) {
	now := time.Now().UTC()
	before, late := now.Add(-s.sweepAge), now.Add(-s.overdueAge)
	if swept.Messages, err = again(ctx, s, before, s.store.Undispatched, s.dispatchOrPutOff, aboutMessage); err != nil {
		return swept, err
	}
	if swept.Nudges, err = again(ctx, s, before, s.store.NudgesDue, s.conversations.Nudge, aboutConversation); err != nil {
		return swept, err
	}
	if swept.Windows, err = again(ctx, s, before, s.store.WindowNewsDue, s.tellWindow, aboutConversation); err != nil {
		return swept, err
	}
	if swept.Overdue, err = again(ctx, s, late, s.store.Overdue, s.tellOverdue, aboutConversation); err != nil {
		return swept, err
	}
	if err = s.endSilentCalls(ctx, now); err != nil {
		return swept, err
	}
	if swept.Calls, err = again(ctx, s, before, s.store.CallNewsDue, s.tellCall, aboutCall); err != nil {
		return swept, err
	}
	swept.Transcripts, err = again(ctx, s, before, s.store.PendingTranscripts, s.conversations.Transcript, aboutNotice)
	return swept, err
}

// again tells workflows what they were not told before a time, and counts those that
// heard it. What fails waits for a later sweep; about names it in the log.
func again[T any](
	ctx context.Context, s *Service, before time.Time, list func(context.Context, time.Time, int) ([]T, error),
	tell func(context.Context, T) error, about func(T) slog.Attr,
) (told int, err error) {
	missed, err := list(ctx, before, s.sweepBatch)
	if err != nil {
		return 0, err
	}
	for _, one := range missed {
		if ctx.Err() != nil {
			return told, context.Cause(ctx)
		}
		trying, cancel := context.WithTimeout(ctx, s.tellWithin)
		err := tell(trying, one)
		cancel()
		if err != nil {
			s.log.WarnContext(ctx, "a workflow was not told again", about(one), slog.Any("error", err))
			continue
		}
		told++
	}
	return told, nil
}

func aboutConversation(ref inbox.EpisodeRef) slog.Attr {
	return slog.String("conversation_id", ref.ConversationID)
}
func aboutMessage(message store.Undispatched) slog.Attr {
	return slog.String("message_id", message.MessageID)
}
func aboutCall(news store.CallNews) slog.Attr { return slog.String("call_id", news.CallID) }
func aboutNotice(id string) slog.Attr         { return slog.String("notice_id", id) }

// dispatchOrPutOff puts a message that fails behind the others.
func (s *Service) dispatchOrPutOff(ctx context.Context, message store.Undispatched) error {
	err := s.dispatch(ctx, message)
	if err == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, s.store.PutOffDispatch(ctx, message.MessageID, time.Now().Add(sweepPause)))
}

// dispatch tells the workflow of a message in either direction. An answer that
// is refused was told: the refusal stands on the message.
func (s *Service) dispatch(ctx context.Context, message store.Undispatched) error {
	if message.Direction == inbox.DirectionIn {
		return s.conversations.Message(ctx, input(message.Ref(), message.MessageID))
	}
	err := s.conversations.Reply(ctx, message.Ref(), message.MessageID)
	if inbox.CodeOf(err) == inbox.CodeUnavailable {
		return err
	}
	return nil
}

func (s *Service) tellCall(ctx context.Context, news store.CallNews) error {
	return s.conversations.Call(ctx, news.Ref, news.CallID)
}

// tellOverdue has a workflow take up what it may have lost. One that lives has not, and
// is left alone for a while.
func (s *Service) tellOverdue(ctx context.Context, ref inbox.EpisodeRef) error {
	err := s.conversations.TakeUp(ctx, ref)
	return errors.Join(err, s.store.OverdueTold(context.WithoutCancel(ctx), ref.ConversationID, time.Now()))
}

// Package intake is the one way in: it stores a message, commits, and then tells
// the conversation's workflow. What is stored is never lost: a workflow that
// could not be told is told by the sweep (B8).
package intake

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/workflows"
)

// Conversations tells the conversations' workflows; *workflows.Client is one.
type Conversations interface {
	Open(ctx context.Context, in workflows.ConversationInput) error
	Message(ctx context.Context, in workflows.ConversationInput) error
	Nudge(ctx context.Context, ref inbox.EpisodeRef) error
	Call(ctx context.Context, ref inbox.EpisodeRef, callID string) error
	// Window says that the provider's window moved without a message.
	Window(ctx context.Context, ref inbox.EpisodeRef) error
	// TakeUp says that answers or notices wait for too long.
	TakeUp(ctx context.Context, ref inbox.EpisodeRef) error
	// Reply is refused with an *inbox.Error; CodeUnavailable is not told.
	Reply(ctx context.Context, ref inbox.EpisodeRef, messageID string) error
	Transcript(ctx context.Context, noticeID string) error
}

// Service takes messages in.
type Service struct {
	store         *store.Store
	conversations Conversations
	log           *slog.Logger
	// sweepAge is how old a message is before the sweep tells of it, sweepBatch how
	// many it tells of at once.
	sweepAge   time.Duration
	sweepBatch int
	// overdueAge is how long the next try of an answer or a notice may be late.
	overdueAge time.Duration
	// tellWithin bounds how long one telling waits, tellBatchWithin all of a delivery.
	tellWithin, tellBatchWithin time.Duration
	// kinds and sealer are Holding's.
	kinds  map[inbox.ChannelKind]channels.Kind
	sealer Sealer
}

// New returns a Service.
func New(store *store.Store, conversations Conversations, log *slog.Logger) *Service {
	return &Service{
		store: store, conversations: conversations, log: log, sweepAge: sweepAge, sweepBatch: sweepBatch,
		overdueAge: overdueAge, tellWithin: dispatchTimeout, tellBatchWithin: tellBatchWithin,
	}
}

// dispatchTimeout bounds how long one telling waits for Temporal: a sender must
// not wait, and past it the sweep takes over, whose others must not wait either.
const dispatchTimeout = 2 * time.Second

// Receive stores a message and tells its workflow. When it returns without an
// error the message is durable and may be acknowledged, whether or not Temporal
// was there. A duplicate changes nothing, but is told again if the first
// telling was never confirmed.
func (s *Service) Receive(ctx context.Context, in store.Inbound) (store.Receipt, error) {
	receipt, err := s.keep(ctx, in)
	if err != nil {
		return store.Receipt{}, err
	}
	s.tellAll(ctx, s.tellWithin, receipt)
	return receipt, nil
}

// tellAll tells the workflows of stored messages, one after the other; what cannot
// be told within a time is the sweep's.
func (s *Service) tellAll(ctx context.Context, within time.Duration, receipts ...store.Receipt) {
	// The sender may hang up now: the messages are stored and must be told of.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	for _, receipt := range receipts {
		if receipt.Dispatched {
			continue
		}
		if err := s.tell(ctx, receipt); err != nil {
			s.log.WarnContext(ctx, "dispatch left to the sweep", "message_id", receipt.MessageID,
				"conversation_id", receipt.ConversationID, "error", err)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// tellWindows tells workflows that their windows moved, one after the other. What is
// stored holds in any case: one that cannot be told within a time is the sweep's.
func (s *Service) tellWindows(ctx context.Context, within time.Duration, refs ...inbox.EpisodeRef) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	for _, ref := range refs {
		if ctx.Err() != nil {
			return
		}
		if err := s.tellWindow(ctx, ref); err != nil {
			s.log.WarnContext(ctx, "window left to the sweep", "conversation_id", ref.ConversationID, "error", err)
		}
	}
}

// tellWindow tells a workflow, if it runs, that its window moved.
func (s *Service) tellWindow(ctx context.Context, ref inbox.EpisodeRef) error {
	at := time.Now()
	if err := s.conversations.Window(ctx, ref); err != nil {
		return err
	}
	return s.store.WindowTold(ctx, ref.ConversationID, at)
}

// keep stores a message, as its contact's consent allows; its workflow is to be
// told.
func (s *Service) keep(ctx context.Context, in store.Inbound) (store.Receipt, error) {
	in, err := s.gate(in)
	if err != nil {
		return store.Receipt{}, err
	}
	receipt, err := s.store.Receive(ctx, in)
	if err != nil {
		return store.Receipt{}, fmt.Errorf("store message: %w", err)
	}
	return receipt, nil
}

// tell starts the episode the message began, or signals the running one. The
// workflow confirms by marking the message as dispatched.
func (s *Service) tell(ctx context.Context, receipt store.Receipt) error {
	ref := receipt.Ref()
	if receipt.Opened {
		return s.conversations.Open(ctx, input(ref, receipt.MessageID))
	}
	return s.conversations.Message(ctx, input(ref, receipt.MessageID))
}

// input starts an episode, should its workflow not run yet.
func input(ref inbox.EpisodeRef, messageID string) workflows.ConversationInput {
	in := workflows.ConversationInput{Ref: ref, Cause: inbox.CauseNew, MessageID: messageID}
	if ref.Episode > 1 {
		in.Cause = inbox.CauseReopened
	}
	return in
}

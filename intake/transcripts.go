package intake

import (
	"context"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

// Transcript takes it on to mail a copy of a conversation (C10). Without an error
// and with again zero it is durable and will be mailed, at most once; otherwise again
// is when it may be asked for.
func (s *Service) Transcript(ctx context.Context, transcript inbox.Transcript) (again time.Time, err error) {
	transcript.Address = inbox.EmailIdentity(transcript.Address).Value
	notice, again, err := s.store.PlanTranscript(ctx, transcript, routing.MailTranscript)
	if err != nil || !again.IsZero() {
		return again, err
	}
	if err := s.startTranscript(ctx, notice.ID); err != nil {
		s.log.WarnContext(ctx, "transcript left to the sweep", "notice_id", notice.ID, "error", err)
	}
	return time.Time{}, nil
}

// startTranscript outlives whoever asked: the transcript is stored.
func (s *Service) startTranscript(ctx context.Context, noticeID string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.tellWithin)
	defer cancel()
	return s.conversations.Transcript(ctx, noticeID)
}

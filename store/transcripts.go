package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// rememberTranscripts bounds what is counted; no limit looks at more.
const rememberTranscripts = 100

// DecideTranscript answers a transcript question with the time at which it may be
// asked for again, zero for now, or refuses; it is routing.MailTranscript.
type DecideTranscript func(inbox.TranscriptQuestion) (again time.Time, err error)

// PlanTranscript records a transcript as a pending notice, if decide allows it now;
// else nothing is recorded and again is when it may be asked for. Of those that are
// asked for at once only as many pass as decide wants (B10).
func (s *Store) PlanTranscript(
	ctx context.Context, transcript inbox.Transcript, decide DecideTranscript,
) (notice inbox.Notice, again time.Time, err error) {
	err = s.tx(ctx, func(t *tx) error {
		if err := s.lockNotices(t); err != nil {
			return err
		}
		// An erasure waits, or was before.
		c, err := t.lockConversation(transcript.Episode.ConversationID)
		if err != nil {
			return err
		}
		if strings.HasPrefix(c.ThreadKey, erasedThread) {
			return inbox.NotFound("conversation")
		}
		question, err := t.transcriptQuestion(transcript)
		if err != nil {
			return err
		}
		if again, err = decide(question); err != nil || !again.IsZero() {
			return err
		}
		id := NewID()
		row := noticeRow{
			ID: id, Kind: inbox.NoticeTranscript, ConversationID: transcript.Episode.ConversationID, Episode: transcript.Episode.Episode,
			Address: transcript.Address, AskedBy: transcript.AskedBy, About: id, State: inbox.NoticePending, MessageID: id,
			CreatedAt: stampOf(stored(transcript.At)),
		}
		notice = row.notice()
		return t.Create(&row).Error
	})
	if err != nil {
		return inbox.Notice{}, time.Time{}, fmt.Errorf("plan transcript: %w", err)
	}
	return notice, again, nil
}

func (t *tx) transcriptQuestion(transcript inbox.Transcript) (inbox.TranscriptQuestion, error) {
	question := inbox.TranscriptQuestion{At: transcript.At, ByAgent: transcript.AskedBy != ""}
	var answers []string
	err := t.Model(&messageRow{}).Where("conversation_id = ? AND author_kind = ? AND state IN ?", transcript.Episode.ConversationID,
		inbox.AuthorAgent, []inbox.MessageState{inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead}).
		Limit(1).Pluck("id", &answers).Error
	if err != nil {
		return question, fmt.Errorf("look for an answer: %w", err)
	}
	question.Answered = len(answers) > 0
	for _, counted := range []struct {
		times *[]time.Time
		which *gorm.DB
	}{
		{&question.OfConversation, t.Where("conversation_id = ?", transcript.Episode.ConversationID)},
		{&question.ToAddress, t.Where("address <> '' AND address = ?", transcript.Address)},
	} {
		var rows []noticeRow
		err := counted.which.Select("created_at").Where("kind = ? AND asked_by = ''", inbox.NoticeTranscript).
			Order("created_at DESC").Limit(rememberTranscripts).Find(&rows).Error
		if err != nil {
			return question, fmt.Errorf("count transcripts: %w", err)
		}
		*counted.times = convert(rows, func(r noticeRow) time.Time { return r.CreatedAt.Time })
	}
	return question, nil
}

// PendingTranscripts lists the ids of transcripts that were asked for before a time
// and have not been mailed, oldest first; those that were tried come last.
func (s *Store) PendingTranscripts(ctx context.Context, before time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.reading(ctx).Model(&noticeRow{}).
		// Spelt out: the condition of the index.
		Where("kind = 'transcript' AND state = 'pending' AND created_at < ?", stampOf(before)).
		Order("error_code, created_at, id").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list pending transcripts: %w", err)
	}
	return ids, nil
}

// LastMessages returns the last messages of a conversation, oldest first; more says
// that there are earlier ones.
func (s *Store) LastMessages(ctx context.Context, conversationID string, limit int) (messages []inbox.Message, more bool, err error) {
	var rows []messageRow
	if err := s.reading(ctx).Where("conversation_id = ?", conversationID).Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("list messages: %w", err)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	slices.Reverse(rows)
	messages, err = s.withAttachments(ctx, rows)
	return messages, more, err
}

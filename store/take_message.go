package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Taken is what a message of the contact means for its conversation.
type Taken struct {
	// Episode is the conversation's current one.
	Episode int
	// Automatic: nobody wrote it, and nothing else is said about it (B10).
	Automatic bool
	// Woken: the message ended a snooze.
	Woken      bool
	AssigneeID string
	// AnswerWithin is how long the assignee has to answer (B4); 0 is no limit.
	AnswerWithin time.Duration
	// Conversation is as it is then.
	Conversation inbox.Conversation
	// AwaitsConsent: the episode goes on when the contact agrees (M8).
	AwaitsConsent bool
}

// TakeMessage confirms that the workflow knows of a message. A message that was
// not confirmed before wakes a snoozed conversation and reopens a closed one:
// it was stored in the moment of closing and must not be forgotten. An automatic
// one is confirmed and does neither.
func (s *Store) TakeMessage(ctx context.Context, ref inbox.EpisodeRef, messageID string, at time.Time) (Taken, error) {
	var taken Taken
	err := s.tx(ctx, func(t *tx) error {
		c, err := take[conversationRow](t.Clauses(forUpdate).Where("id = ?", ref.ConversationID), "conversation")
		if err != nil {
			return err
		}
		m, err := take[messageRow](t.Select("automatic", "author_id", "dispatched_at").Where("id = ?", messageID), "message")
		if err != nil {
			return err
		}
		first, err := t.confirm(messageID, at)
		if err != nil {
			return err
		}
		taken.Automatic = m.Automatic
		switch {
		case m.Automatic:
		case first:
			taken.Woken, err = t.rouse(&c, cmp.Or(m.AuthorID, c.ContactID), at)
		default:
			taken.Woken, err = t.wokenBy(&c, m)
		}
		if err != nil {
			return err
		}
		rule, err := take[channelRevisionRow](t.Where("channel_id = ? AND revision = ?", c.ChannelID, c.ChannelRevision), "channel revision")
		if err != nil {
			return err
		}
		if first && !m.Automatic {
			if err := t.startClock(&c, rule.Assignment.V, at); err != nil {
				return err
			}
		}
		taken.Episode, taken.AssigneeID, taken.Conversation = c.Episode, c.AssigneeID, c.conversation()
		taken.AwaitsConsent = c.AwaitsConsent
		taken.AnswerWithin = answerWithin(c.ChannelKind, rule.Assignment.V)
		return nil
	})
	if err != nil {
		return Taken{}, fmt.Errorf("take message: %w", err)
	}
	return taken, nil
}

// startClock begins the assignee's time to answer (B4), unless it runs.
func (t *tx) startClock(c *conversationRow, rule inbox.Assignment, at time.Time) error {
	within := answerWithin(c.ChannelKind, rule)
	if c.AssigneeID == "" || within <= 0 || !c.AnswerBy.IsZero() || c.AwaitsConsent {
		return nil
	}
	if err := t.Model(c).Update("answer_by", stampOf(at.Add(within))).Error; err != nil {
		return fmt.Errorf("start the assignee's clock: %w", err)
	}
	return nil
}

// wokenBy reports whether a message that was taken before ended the snoozing:
// the answer to a repeated request, whose first answer was lost.
func (t *tx) wokenBy(c *conversationRow, m messageRow) (bool, error) {
	if c.Status != inbox.StatusOpen {
		return false, nil
	}
	var data episodeData
	woken, err := t.lastEvent(c.ID, &data, inbox.EventWoken)
	if err != nil || woken.ActorKind != inbox.AuthorContact {
		return false, err
	}
	return m.DispatchedAt.Equal(woken.At.Time), nil
}

// confirm records that a message's workflow knows of it, and whether it did not
// before.
func (t *tx) confirm(messageID string, at time.Time) (first bool, err error) {
	update := t.Model(&messageRow{}).Where("id = ? AND dispatched_at IS NULL", messageID).Update("dispatched_at", stampOf(at))
	if update.Error != nil {
		return false, fmt.Errorf("confirm message: %w", update.Error)
	}
	return update.RowsAffected > 0, nil
}

// rouse ends the sleep of a conversation that a contact wrote in.
func (t *tx) rouse(c *conversationRow, contactID string, at time.Time) (woken bool, err error) {
	contact := inbox.Author{Kind: inbox.AuthorContact, ID: contactID}
	switch c.Status {
	case inbox.StatusSnoozed:
		return true, t.wake(c, contact, at)
	case inbox.StatusClosed:
		revision, err := t.currentRevision(c.ChannelID)
		if err != nil {
			return false, err
		}
		return false, t.reopen(c, revision, contact, at)
	default:
		return false, nil
	}
}

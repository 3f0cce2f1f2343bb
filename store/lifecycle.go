package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// episodeData names the episode that an event is about.
type episodeData struct {
	Episode int `json:"episode"`
	// Reason says why an episode was closed.
	Reason string `json:"reason,omitempty"`
	// Until is when a snooze ends.
	Until time.Time `json:"until,omitzero"`
}

// CloseEpisode ends an episode and returns its assignee, who has a place free. An
// episode that has ended changes nothing.
func (s *Store) CloseEpisode(
	ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author, at time.Time, reason string,
) (freed string, err error) {
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(ref.ConversationID)
		if err != nil {
			return err
		}
		freed = ""
		if c.Episode != ref.Episode {
			return nil
		}
		freed = c.AssigneeID
		if c.Status == inbox.StatusClosed {
			return nil
		}
		c.ClosedAt = stampOf(at)
		return t.rest(&c, inbox.StatusClosed, inbox.EventClosed, actor, episodeData{Episode: c.Episode, Reason: reason}, at)
	})
	if err != nil {
		return "", fmt.Errorf("close conversation: %w", err)
	}
	return freed, nil
}

// Snooze puts a conversation to sleep until a time or the contact's next
// message and returns its assignee, who has a place free meanwhile. A closed
// episode is CodeConversationDone.
func (s *Store) Snooze(
	ctx context.Context, ref inbox.EpisodeRef, until time.Time, actor inbox.Author, at time.Time,
) (freed string, err error) {
	until = stored(until)
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(ref.ConversationID)
		if err != nil {
			return err
		}
		if c.Status == inbox.StatusClosed || c.Episode != ref.Episode {
			return errClosed()
		}
		freed = c.AssigneeID
		if c.Status == inbox.StatusSnoozed && c.SnoozedUntil.Equal(until) {
			return nil
		}
		c.SnoozedUntil = stampOf(until)
		return t.rest(&c, inbox.StatusSnoozed, inbox.EventSnoozed, actor, episodeData{Episode: c.Episode, Until: until}, at)
	})
	if err != nil {
		return "", fmt.Errorf("snooze conversation: %w", err)
	}
	return freed, nil
}

// rest takes a conversation out of the queue and out of its assignee's work.
func (t *tx) rest(
	c *conversationRow, status inbox.Status, kind inbox.EventKind, actor inbox.Author, data episodeData, at time.Time,
) error {
	waited := c.Status == inbox.StatusWaiting
	c.Status, c.WaitingSince, c.AnswerBy, c.NudgeAt = status, stamp{}, stamp{}, stamp{}
	if status == inbox.StatusClosed {
		c.SnoozedUntil = stamp{}
	}
	err := t.Model(c).
		Select("status", "waiting_since", "answer_by", "nudge_at", "snoozed_until", "closed_at").Updates(c).Error
	if err != nil {
		return fmt.Errorf("save conversation: %w", err)
	}
	t.event(c, kind, actor, data, at)
	if waited {
		return t.leaveQueue(c.ID)
	}
	return nil
}

// Wake ends a snooze whose time has come; any other conversation stays as it
// is.
func (s *Store) Wake(ctx context.Context, ref inbox.EpisodeRef, at time.Time) error {
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(ref.ConversationID)
		if err != nil || c.Episode != ref.Episode || c.Status != inbox.StatusSnoozed {
			return err
		}
		return t.wake(&c, automation, at)
	})
	if err != nil {
		return fmt.Errorf("wake conversation: %w", err)
	}
	return nil
}

// Reopen begins a new episode of a closed conversation by an agent's hand. A
// conversation that is not closed is CodeConversationOpen, unless the same
// agent has just reopened it.
func (s *Store) Reopen(
	ctx context.Context, id string, actor inbox.Author, at time.Time,
) (ref inbox.EpisodeRef, err error) {
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(id)
		if err != nil {
			return err
		}
		if c.Status != inbox.StatusClosed {
			ref = c.ref()
			return t.reopenedBy(&c, actor)
		}
		revision, err := t.currentRevision(c.ChannelID)
		if err != nil {
			return err
		}
		if err := t.reopen(&c, revision, actor, at); err != nil {
			return err
		}
		ref = c.ref()
		return nil
	})
	if err != nil {
		return inbox.EpisodeRef{}, fmt.Errorf("reopen conversation: %w", err)
	}
	return ref, nil
}

// reopenedBy is CodeConversationOpen unless the actor began the episode and it
// was not routed yet: then the answer to that was lost.
func (t *tx) reopenedBy(c *conversationRow, actor inbox.Author) error {
	var data episodeData
	last, err := t.lastEvent(c.ID, &data, inbox.EventReopened)
	if err != nil {
		return err
	}
	began := data.Episode == c.Episode && last.ActorKind == actor.Kind && last.ActorID == actor.ID
	if began && c.Decision.V == nil {
		return nil
	}
	return inbox.Errorf(inbox.CodeConversationOpen, "The conversation is not closed.")
}

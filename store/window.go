package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// WindowOpening is something other than a message by which a contact opens the
// provider's messaging window, such as a reaction (M7).
type WindowOpening struct {
	ChannelID, ThreadKey string
	// At is when it happened, by the provider's clock; the future is now.
	At time.Time
	// Expires is routing.WindowExpires.
	Expires time.Time
}

// OpenWindow notes that a contact opened the window of a thread, and returns whose
// window moved; the zero one is none. It is no message: the days in which a person
// may answer are counted from the last one (M7). A thread without a conversation is
// CodeNotFound: there is nothing to answer.
func (s *Store) OpenWindow(ctx context.Context, in WindowOpening) (moved inbox.EpisodeRef, err error) {
	now := stored(time.Now())
	if in.At.After(now) {
		in.Expires, in.At = in.Expires.Add(now.Sub(in.At)), now
	}
	err = s.tx(ctx, func(t *tx) error {
		moved = inbox.EpisodeRef{}
		c, err := take[conversationRow](t.Clauses(forUpdate).
			Where("channel_id = ? AND thread_key = ?", in.ChannelID, in.ThreadKey), "conversation")
		if err != nil {
			return err
		}
		if !in.Expires.After(c.WindowClosesAt.Time) {
			return nil
		}
		t.event(&c, inbox.EventWindowOpened, inbox.Author{Kind: inbox.AuthorContact, ID: c.ContactID},
			map[string]any{"closes_at": in.Expires}, now)
		moved = c.ref()
		return t.Model(&c).Updates(map[string]any{"window_closes_at": stampOf(in.Expires), "window_news_at": stampOf(now)}).Error
	})
	if err != nil {
		return inbox.EpisodeRef{}, fmt.Errorf("open window: %w", err)
	}
	return moved, nil
}

// CloseWindow notes that a conversation's window was closed when a message was written
// although we thought it open, as the provider says late. A contact who wrote since has
// opened it again.
func (s *Store) CloseWindow(ctx context.Context, message inbox.Message, at time.Time) error {
	return s.refuseWindow(ctx, message.ConversationID, message.ID, at, func(c conversationRow) (expires, lastContact time.Time, learned bool) {
		return message.CreatedAt, c.LastContactAt.Time,
			c.WindowClosesAt.After(message.CreatedAt) && !c.LastContactAt.After(message.CreatedAt)
	})
}

// contactWrote adds what follows from a contact's message, unless a later one came
// first: providers deliver in any order.
func (r *conversationRow) contactWrote(changes map[string]any, at, expires time.Time) {
	if at.After(r.LastContactAt.Time) {
		changes["last_contact_at"] = stampOf(at)
	}
	if expires.After(r.WindowClosesAt.Time) {
		changes["window_closes_at"] = stampOf(expires)
	}
}

// CorrectWindow stores what a provider's refusal told of a conversation's window
// (routing.WindowRefused), unless the contact wrote or opened it since the
// conversation was read.
func (s *Store) CorrectWindow(ctx context.Context, read inbox.Conversation, messageID string, expires, lastContact, at time.Time) error {
	return s.refuseWindow(ctx, read.ID, messageID, at, func(c conversationRow) (time.Time, time.Time, bool) {
		asRead := c.WindowClosesAt.Equal(read.Window.ClosesAt) && c.LastContactAt.Equal(read.LastContactAt)
		known := expires.Equal(read.Window.ClosesAt) && lastContact.Equal(read.LastContactAt)
		return expires, lastContact, asRead && !known
	})
}

// refuseWindow notes what the refusal of a message tells of its conversation's window,
// if anything is learned of it.
func (s *Store) refuseWindow(
	ctx context.Context, conversationID, messageID string, at time.Time,
	learn func(conversationRow) (expires, lastContact time.Time, learned bool),
) error {
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(conversationID)
		if err != nil {
			return err
		}
		expires, lastContact, learned := learn(c)
		if !learned {
			return nil
		}
		t.event(&c, inbox.EventWindowRefused, automation, map[string]any{"message_id": messageID}, at)
		return t.Model(&c).Updates(map[string]any{
			"window_closes_at": stampOf(expires), "last_contact_at": stampOf(lastContact), "window_news_at": stampOf(at),
		}).Error
	})
	if err != nil {
		return fmt.Errorf("note what a refusal tells of the window: %w", err)
	}
	return nil
}

// WindowNewsDue lists episodes whose window moved without a message before a time
// and whose workflow was not told, oldest first.
func (s *Store) WindowNewsDue(ctx context.Context, before time.Time, limit int) ([]inbox.EpisodeRef, error) {
	var rows []conversationRow
	err := s.reading(ctx).Select("id", "episode").Where("window_news_at < ?", stampOf(before)).
		Order("window_news_at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list windows that moved: %w", err)
	}
	return convert(rows, conversationRow.ref), nil
}

// WindowTold notes that a conversation's workflow was told at a time of its window;
// one that moved since is news.
func (s *Store) WindowTold(ctx context.Context, conversationID string, at time.Time) error {
	err := s.write.WithContext(ctx).Model(&conversationRow{}).
		Where("id = ? AND window_news_at <= ?", conversationID, stampOf(at)).Update("window_news_at", nil).Error
	if err != nil {
		return fmt.Errorf("note that the window was told: %w", err)
	}
	return nil
}

// Unanswered reports whether the contact had the last word: nothing that an agent
// wrote since has left or is on its way.
func (s *Store) Unanswered(ctx context.Context, conversationID string) (bool, error) {
	var last []messageRow
	err := s.reading(ctx).Select("direction").Where("conversation_id = ?", conversationID).
		Where("direction = ? AND NOT automatic OR direction = ? AND author_kind = ? AND state <> ?",
			inbox.DirectionIn, inbox.DirectionOut, inbox.AuthorAgent, inbox.MessageFailed).
		Order("id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return false, fmt.Errorf("load the last word: %w", err)
	}
	return len(last) > 0 && last[0].Direction == inbox.DirectionIn, nil
}

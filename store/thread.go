package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// joiner returns the contact of a sender who joins a conversation by its id and
// may be somebody else than its contact; "" is its contact.
func (t *tx) joiner(in Inbound, at time.Time) (contactID string, err error) {
	if in.ConversationID == "" || len(in.Sender.Identities) == 0 {
		return "", nil
	}
	return t.identify(in.Sender, nil, at)
}

// thread returns the message's conversation, locked, or creates it.
func (t *tx) thread(in Inbound, now time.Time) (c *conversationRow, created bool, err error) {
	if in.ConversationID != "" {
		row, err := take[conversationRow](t.Clauses(forUpdate).
			Where("id = ? AND inbox_id = ? AND "+notErased, in.ConversationID, in.Channel.InboxID), "conversation")
		return &row, false, err
	}
	c = &conversationRow{}
	find := func() error {
		return t.Clauses(forUpdate).Take(c, "channel_id = ? AND thread_key = ?", in.Channel.ID, in.ThreadKey).Error
	}
	err = find()
	if err == nil {
		return c, false, nil
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, fmt.Errorf("find conversation: %w", err)
	}
	if in.quiet() {
		return nil, false, inbox.NotFound("conversation")
	}
	at := stampOf(now)
	*c = conversationRow{
		ID: NewID(), InboxID: in.Channel.InboxID, ChannelID: in.Channel.ID, ChannelKind: in.Channel.Kind,
		ThreadKey: in.ThreadKey, Status: inbox.StatusOpen, Subject: in.Subject, Episode: 1,
		ChannelRevision: in.Channel.Revision, PriorityRank: inbox.PriorityNormal.Rank(),
		WindowState: inbox.WindowNone, WindowClosesAt: stampOf(in.WindowExpires), LastContactAt: stampOf(in.At),
		ReplyTo: in.ReplyTo, CreatedAt: at, LastMessageAt: at,
	}
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(c)
	if insert.Error != nil {
		return nil, false, fmt.Errorf("create conversation: %w", insert.Error)
	}
	if insert.RowsAffected == 1 {
		return c, true, nil
	}
	// Another message of the thread was faster; its transaction has committed.
	*c = conversationRow{}
	if err := find(); err != nil {
		return nil, false, fmt.Errorf("find conversation: %w", err)
	}
	return c, false, nil
}

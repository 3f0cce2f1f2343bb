package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Inbound is a message that came in, verified and parsed.
type Inbound struct {
	// Channel is as it was loaded; a new episode runs under its revision.
	Channel inbox.Channel
	// ThreadKey finds the conversation; ProviderMessageID is unique per channel (B8).
	ThreadKey, ProviderMessageID string
	// Subject is a new conversation's.
	Subject string
	Sender  inbox.Sender
	// ReplyTo is the mail address an answer to a form goes to (F2).
	ReplyTo    string
	Text, HTML string
	Fields     []inbox.SubmittedField
	Files      []File
	// At is when the message was written; zero is now.
	At time.Time
}

// Receipt says what became of a message.
type Receipt struct {
	MessageID      string
	ConversationID string
	Episode        int
	// Opened: the message began its episode, the first or a reopened one.
	Opened bool
	// Duplicate: the message was here before and nothing was changed.
	Duplicate bool
	// Dispatched: the workflow has been told.
	Dispatched bool
}

// errDuplicate rolls a duplicate's transaction back.
var errDuplicate = errors.New("duplicate message")

// Receive stores a message and finds, creates or reopens its conversation, in
// one transaction. A duplicate changes nothing and gets the first receipt
// again (B8). A snoozed conversation stays snoozed: its workflow wakes it.
func (s *Store) Receive(ctx context.Context, in Inbound) (Receipt, error) {
	in = in.storable()
	var receipt Receipt
	err := s.tx(ctx, func(t *tx) error {
		var err error
		receipt, err = t.receive(in)
		return err
	})
	if errors.Is(err, errDuplicate) {
		return s.firstReceipt(ctx, in)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("receive message: %w", err)
	}
	return receipt, nil
}

// storable returns the message as both databases can keep it.
func (in Inbound) storable() Inbound {
	if in.At.IsZero() {
		in.At = time.Now()
	}
	for _, text := range []*string{
		&in.ThreadKey, &in.ProviderMessageID, &in.Subject, &in.Sender.Name, &in.ReplyTo, &in.Text, &in.HTML,
	} {
		*text = storable(*text)
	}
	in.Sender.Identities = convert(in.Sender.Identities, func(identity inbox.Identity) inbox.Identity {
		return inbox.Identity{Kind: identity.Kind, Value: storable(identity.Value)}
	})
	in.Fields = convert(in.Fields, func(field inbox.SubmittedField) inbox.SubmittedField {
		field.Name, field.Label = storable(field.Name), storable(field.Label)
		field.Values = convert(field.Values, storable)
		return field
	})
	in.Files = convert(in.Files, func(file File) File {
		file.Name, file.ContentType = storable(file.Name), storable(file.ContentType)
		return file
	})
	return in
}

// storable drops what PostgreSQL refuses in a text: NUL, and bytes that are not
// UTF-8. A message must not be lost for them.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func (t *tx) receive(in Inbound) (Receipt, error) {
	c, created, err := t.thread(in)
	if err != nil {
		return Receipt{}, err
	}
	opened := created || c.Status == inbox.StatusClosed
	episode := c.Episode
	if opened && !created {
		episode++
	}
	// The id is made under the conversation's lock, so that ids of one
	// conversation grow in the order of their commits.
	message := messageRow{
		ID: NewID(), ConversationID: c.ID, ChannelID: c.ChannelID, Episode: episode, Opened: opened,
		Direction: inbox.DirectionIn, AuthorKind: inbox.AuthorContact, AuthorID: c.ContactID,
		Sender: jsonOf[*inbox.Sender]{&in.Sender}, BodyText: in.Text, BodyHTML: in.HTML,
		Fields: jsonOf[[]inbox.SubmittedField]{in.Fields}, State: inbox.MessageReceived,
		ProviderMessageID: in.ProviderMessageID, CreatedAt: stampOf(in.At),
	}
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&message)
	if insert.Error != nil {
		return Receipt{}, fmt.Errorf("insert message: %w", insert.Error)
	}
	if insert.RowsAffected == 0 {
		return Receipt{}, errDuplicate
	}
	actor := inbox.Author{Kind: inbox.AuthorContact, ID: c.ContactID}
	if created {
		if err := t.insertTerms(c.ID, in.Subject, in.Sender); err != nil {
			return Receipt{}, err
		}
		t.event(c, inbox.EventOpened, actor, map[string]any{"episode": c.Episode, "channel_id": c.ChannelID}, in.At)
	} else if opened {
		if err := t.reopen(c, in.Channel.Revision, actor, in.At); err != nil {
			return Receipt{}, err
		}
	}
	if err := t.attach(message.ID, in.Files); err != nil {
		return Receipt{}, err
	}
	if !created && in.At.After(c.LastMessageAt.Time) {
		if err := t.Model(c).Update("last_message_at", stampOf(in.At)).Error; err != nil {
			return Receipt{}, fmt.Errorf("update conversation: %w", err)
		}
	}
	t.event(c, inbox.EventMessageReceived, actor, map[string]any{"message_id": message.ID}, in.At)
	return Receipt{MessageID: message.ID, ConversationID: c.ID, Episode: episode, Opened: opened}, nil
}

// thread returns the thread's conversation, locked, or creates it.
func (t *tx) thread(in Inbound) (c *conversationRow, created bool, err error) {
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
	at := stampOf(in.At)
	*c = conversationRow{
		ID: NewID(), InboxID: in.Channel.InboxID, ChannelID: in.Channel.ID, ChannelKind: in.Channel.Kind,
		ThreadKey: in.ThreadKey, Status: inbox.StatusOpen, Subject: in.Subject, Episode: 1,
		ChannelRevision: in.Channel.Revision, PriorityRank: inbox.PriorityNormal.Rank(),
		WindowState: inbox.WindowNone, ReplyTo: in.ReplyTo, CreatedAt: at, LastMessageAt: at,
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

func (s *Store) firstReceipt(ctx context.Context, in Inbound) (Receipt, error) {
	row, err := take[messageRow](s.reading(ctx).
		Where("channel_id = ? AND provider_message_id = ?", in.Channel.ID, in.ProviderMessageID), "message")
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{
		MessageID: row.ID, ConversationID: row.ConversationID, Episode: row.Episode, Opened: row.Opened,
		Duplicate: true, Dispatched: !row.DispatchedAt.IsZero(),
	}, nil
}

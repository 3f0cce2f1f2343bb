package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Inbound is a message that came in, verified and parsed.
type Inbound struct {
	// Channel is what it came in through, as it was loaded; a new conversation runs
	// under its revision.
	Channel inbox.Channel
	// ConversationID is the conversation it joins, of any channel of the channel's
	// inbox; "" finds it by the ThreadKey or begins it.
	ConversationID string
	// ThreadKey finds the conversation; ProviderMessageID is unique per channel (B8).
	ThreadKey, ProviderMessageID string
	// Subject is a new conversation's.
	Subject string
	Sender  inbox.Sender
	// ReplyTo is the mail address an answer to a form or a mail goes to (F2, E9).
	ReplyTo    string
	Text, HTML string
	// Quoted is the earlier conversation below Text.
	Quoted string
	// Automatic: a program wrote it. It is kept with its conversation and neither
	// begins, reopens nor wakes one, nor asks for an answer (B10).
	Automatic bool
	// Wanted: somebody asked for the message to count all the same. An Automatic one
	// begins or reopens a conversation then, and still asks for no answer (B9).
	Wanted bool
	// Standby: the contact wrote it while another application answers in the
	// thread. It is kept like an Automatic one, and opens the window.
	Standby bool
	Fields  []inbox.SubmittedField
	Files   []File
	// Remote are files that an activity fetches later.
	Remote []inbox.RemoteFile
	// Payload is that of the button the contact pressed, InReplyTo the provider's
	// id of the message he answered; either may be "".
	Payload, InReplyTo string
	// WindowExpires is until when the message lets us answer freely
	// (routing.WindowExpires); zero for a kind without a window.
	WindowExpires time.Time
	// Gate holds the message back while the contact has not agreed; nil never does
	// (M8).
	Gate *Gate
	// At is when its author says it was written; zero and the future are now.
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
	// Erased: the duplicate is of the same time, and its contact was erased since.
	Erased bool
	// Dispatched: the workflow has been told.
	Dispatched bool
}

// Ref is the episode that the message is of.
func (r Receipt) Ref() inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: r.ConversationID, Episode: r.Episode}
}

// errDuplicate rolls a duplicate's transaction back.
var errDuplicate = errors.New("duplicate message")

// Receive stores a message and finds, creates or reopens its conversation, in
// one transaction. A duplicate changes nothing and gets the first receipt
// again (B8). A snoozed conversation stays snoozed: its workflow wakes it. Who
// joins somebody else's conversation is known by the sender's identities or
// becomes a contact, and the author of his message only (G9). A ConversationID
// that is gone, and an Automatic or Standby message without a conversation, are
// CodeNotFound.
func (s *Store) Receive(ctx context.Context, in Inbound) (Receipt, error) {
	now := stored(time.Now())
	in = in.storable(now)
	var receipt Receipt
	receive := func(t *tx) (err error) {
		receipt, err = t.receive(in, now)
		return err
	}
	err := s.tx(ctx, receive)
	for errors.Is(err, errOutdated) {
		err = s.tx(ctx, receive)
	}
	if errors.Is(err, errDuplicate) {
		return s.firstReceipt(ctx, in)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("receive message: %w", err)
	}
	return receipt, nil
}

// receivedData is a message in the timeline.
type receivedData struct {
	MessageID string `json:"message_id"`
	// Claimed: the sender was found in a forward (E8).
	Claimed bool `json:"claimed,omitempty"`
	// UnclearForward: the message is the forwarder's for want of a better (E8).
	UnclearForward bool `json:"unclear_forward,omitempty"`
}

func (t *tx) receive(in Inbound, now time.Time) (Receipt, error) {
	// Before the conversation is locked: see locks.go.
	held, err := t.holdsBack(in)
	if err != nil {
		return Receipt{}, err
	}
	said := in
	if held {
		in = in.without()
	}
	authorID, err := t.joiner(in, now)
	if err != nil {
		return Receipt{}, err
	}
	c, created, err := t.thread(in, now)
	if err != nil {
		return Receipt{}, err
	}
	opened := created || c.Status == inbox.StatusClosed && !in.quiet()
	episode := c.Episode
	if opened && !created {
		episode++
	}
	if held && !opened && !c.AwaitsConsent {
		in, held = said, false // the episode began when nobody had to agree (G14)
	}
	author := inbox.Author{Kind: inbox.AuthorContact, ID: cmp.Or(authorID, c.ContactID)}
	// The id is made under the conversation's lock, so that ids of one
	// conversation grow in the order of their commits.
	message := messageRow{
		ID: NewID(), ConversationID: c.ID, ChannelID: in.Channel.ID, Episode: episode, Opened: opened,
		Direction: inbox.DirectionIn, AuthorKind: author.Kind, AuthorID: author.ID,
		Sender: jsonOf[*inbox.Sender]{&in.Sender}, BodyText: in.Text, BodyHTML: in.HTML, BodyQuoted: in.Quoted,
		Automatic: in.Automatic || in.Standby, Fields: jsonOf[[]inbox.SubmittedField]{in.Fields}, State: inbox.MessageReceived,
		Remote: jsonOf[[]inbox.RemoteFile]{in.Remote}, Payload: in.Payload, InReplyTo: in.InReplyTo,
		ProviderMessageID: in.ProviderMessageID, CreatedAt: stampOf(in.At), NextTryAt: stampOf(now),
	}
	if held {
		message.State, message.Sealed, message.SealedUntil = inbox.MessageHeld, in.Gate.Sealed, stampOf(in.Gate.Until)
	}
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&message)
	if insert.Error != nil {
		return Receipt{}, fmt.Errorf("insert message: %w", insert.Error)
	}
	if insert.RowsAffected == 0 {
		return Receipt{}, errDuplicate
	}
	if created {
		if !held {
			if err := t.insertTerms(c.ID, in.Subject, in.Sender); err != nil {
				return Receipt{}, err
			}
		}
		t.event(c, inbox.EventOpened, author, map[string]any{"episode": c.Episode, "channel_id": c.ChannelID}, now)
	} else if err := t.continueThread(c, opened, in, author, now); err != nil {
		return Receipt{}, err
	}
	if opened && held != c.AwaitsConsent {
		if err := t.Model(c).Update("awaits_consent", held).Error; err != nil {
			return Receipt{}, fmt.Errorf("save that the contact has to agree: %w", err)
		}
	}
	if err := t.attach(message.ID, in.Files); err != nil {
		return Receipt{}, err
	}
	t.event(c, inbox.EventMessageReceived, author, receivedData{message.ID, in.Sender.Claimed, in.Sender.UnclearForward}, now)
	return Receipt{MessageID: message.ID, ConversationID: c.ID, Episode: episode, Opened: opened}, nil
}

// continueThread reopens a conversation that the message opened and notes when
// it was written and came.
func (t *tx) continueThread(c *conversationRow, opened bool, in Inbound, author inbox.Author, now time.Time) error {
	if opened {
		revision, err := t.currentRevision(c.ChannelID)
		if err != nil {
			return err
		}
		if err := t.reopen(c, revision, author, now); err != nil {
			return err
		}
	}
	changes := map[string]any{}
	if now.After(c.LastMessageAt.Time) {
		changes["last_message_at"] = stampOf(now)
	}
	if !in.Automatic || in.Wanted {
		c.contactWrote(changes, in.At, in.WindowExpires)
	}
	if in.Standby {
		changes["window_news_at"] = stampOf(now) // the message itself says nothing to the workflow
	}
	if len(changes) == 0 {
		return nil
	}
	if err := t.Model(c).Updates(changes).Error; err != nil {
		return fmt.Errorf("update conversation: %w", err)
	}
	return nil
}

func (s *Store) firstReceipt(ctx context.Context, in Inbound) (Receipt, error) {
	row, err := take[messageRow](s.reading(ctx).
		Where("channel_id = ? AND provider_message_id = ?", in.Channel.ID, in.ProviderMessageID), "message")
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{
		MessageID: row.ID, ConversationID: row.ConversationID, Episode: row.Episode, Opened: row.Opened,
		Duplicate: true, Erased: row.Sender.V == nil && row.CreatedAt.Equal(stored(in.At)), Dispatched: !row.DispatchedAt.IsZero(),
	}, nil
}

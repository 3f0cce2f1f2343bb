package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// CreateReply stores a message to the contact as pending, with its files, before
// its workflow is asked to send it. The message names its conversation, author,
// content and, if the channel's provider wants one, the ProviderMessageID it will
// have; otherwise that is the message's own id. A ClientID that the conversation
// has already returns the message stored first, and true.
func (s *Store) CreateReply(ctx context.Context, m inbox.Message, files ...File) (reply inbox.Message, duplicate bool, err error) {
	var row messageRow
	err = s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(m.ConversationID)
		if err != nil {
			return err
		}
		row, duplicate, err = t.insertReply(&c, m, files)
		return err
	})
	if err != nil {
		return inbox.Message{}, false, fmt.Errorf("store reply: %w", err)
	}
	reply, err = s.Message(ctx, row.ID)
	return reply, duplicate, err
}

// insertReply stores a message to the contact of a conversation that is locked or
// new.
func (t *tx) insertReply(c *conversationRow, m inbox.Message, files []File) (row messageRow, duplicate bool, err error) {
	at := stampOf(m.CreatedAt)
	row = messageRow{
		ID: NewID(), ConversationID: c.ID, ChannelID: c.ChannelID, Episode: c.Episode,
		Direction: inbox.DirectionOut, AuthorKind: m.Author.Kind, AuthorID: m.Author.ID,
		BodyText: m.Text, BodyHTML: m.HTML, Template: jsonOf[*inbox.Template]{m.Template},
		QuickReplies: jsonOf[[]inbox.QuickReply]{m.QuickReplies}, State: inbox.MessagePending, ClientID: m.ClientID, CreatedAt: at,
		NextTryAt: stampOf(time.Now()),
	}
	row.ProviderMessageID = cmp.Or(m.ProviderMessageID, row.ID)
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if insert.Error != nil {
		return row, false, fmt.Errorf("insert message: %w", insert.Error)
	}
	if insert.RowsAffected == 0 {
		row, err = take[messageRow](t.Where("conversation_id = ? AND client_id = ? AND client_id <> ''", c.ID, m.ClientID), "message")
		return row, true, err
	}
	if err := t.attach(row.ID, files); err != nil {
		return row, false, err
	}
	if at.After(c.LastMessageAt.Time) {
		if err := t.Model(c).Update("last_message_at", at).Error; err != nil {
			return row, false, fmt.Errorf("update conversation: %w", err)
		}
	}
	t.event(c, inbox.EventReplyCreated, m.Author, map[string]any{"message_id": row.ID}, m.CreatedAt)
	return row, false, nil
}

// TakeByAnswer gives an unassigned conversation to the agent who answers it,
// and reopens a closed one. It returns the conversation as it is then. An
// answer by automation changes nothing.
func (s *Store) TakeByAnswer(ctx context.Context, answer inbox.Message, at time.Time) (inbox.Conversation, error) {
	var c conversationRow
	err := s.tx(ctx, func(t *tx) (err error) {
		c, err = t.lockConversation(answer.ConversationID)
		if err != nil || answer.Author.Kind != inbox.AuthorAgent {
			return err
		}
		if c.Status == inbox.StatusClosed {
			revision, err := t.currentRevision(c.ChannelID)
			if err != nil {
				return err
			}
			if err := t.reopen(&c, revision, answer.Author, at); err != nil {
				return err
			}
		}
		if c.AssigneeID != "" {
			return t.stopClock(&c)
		}
		read := c
		c.AssigneeID = answer.Author.ID
		if c.Status == inbox.StatusWaiting {
			c.Status = inbox.StatusOpen
		}
		c.Decision.V = &inbox.AssignmentDecision{
			Outcome: inbox.OutcomeAgent, Reason: inbox.ReasonAnswered, AssigneeID: c.AssigneeID, TeamID: c.TeamID,
		}
		return t.handTo(&read, &c, answer.Author, at)
	})
	if err != nil {
		return inbox.Conversation{}, fmt.Errorf("take conversation by answer: %w", err)
	}
	return c.conversation(), nil
}

// stopClock ends the assignee's time to answer (B4).
func (t *tx) stopClock(c *conversationRow) error {
	if c.AnswerBy.IsZero() {
		return nil
	}
	if err := t.Model(c).Update("answer_by", nil).Error; err != nil {
		return fmt.Errorf("stop the assignee's clock: %w", err)
	}
	return nil
}

// Reply is a message to the contact with everything its sending depends on.
type Reply struct {
	Account      inbox.Account
	Channel      inbox.Channel // at the episode's revision
	Conversation inbox.Conversation
	Contact      inbox.Contact
	// Agent is the author; zero for automation.
	Agent   inbox.Agent
	Message inbox.Message
	// References are the provider ids of the thread's earlier messages that
	// exist for the contact, oldest first.
	References []string
}

// maximumReferences bounds References to the latest.
const maximumReferences = 50

// Reply loads a message to the contact.
func (s *Store) Reply(ctx context.Context, messageID string) (r Reply, err error) {
	if r.Message, err = s.Message(ctx, messageID); err != nil {
		return Reply{}, err
	}
	if r.Conversation, err = s.Conversation(ctx, r.Message.ConversationID); err != nil {
		return Reply{}, err
	}
	if r.Channel, err = s.ChannelAt(ctx, r.Conversation.ChannelID, r.Conversation.ChannelRevision); err != nil {
		return Reply{}, err
	}
	if r.Account, err = s.Account(ctx); err != nil {
		return Reply{}, err
	}
	if id := r.Conversation.ContactID; id != "" {
		if r.Contact, err = s.Contact(ctx, id); err != nil {
			return Reply{}, err
		}
	}
	if r.Message.Author.Kind == inbox.AuthorAgent {
		if r.Agent, err = s.Agent(ctx, r.Message.Author.ID); err != nil {
			return Reply{}, err
		}
	}
	r.References, err = s.threadBefore(ctx, r.Message)
	return r, err
}

// threadBefore lists the provider ids of the messages before a reply.
func (s *Store) threadBefore(ctx context.Context, m inbox.Message) (references []string, err error) {
	err = s.reading(ctx).Model(&messageRow{}).Where("conversation_id = ? AND id < ? AND state IN ?", m.ConversationID, m.ID, []inbox.MessageState{
		inbox.MessageReceived, inbox.MessageSent, inbox.MessageDelivered, inbox.MessageRead, inbox.MessageUnknown,
	}).Order("id DESC").Limit(maximumReferences).Pluck("provider_message_id", &references).Error
	if err != nil {
		return nil, fmt.Errorf("load the thread's references: %w", err)
	}
	slices.Reverse(references)
	return references, nil
}

// SentReferences lists the provider ids of what left in a message's conversation,
// whatever became of it: of the other messages to the contact, and of all messages'
// parts. It is for telling one that may have left from those that have.
func (s *Store) SentReferences(ctx context.Context, m inbox.Message) (references []string, err error) {
	err = s.reading(ctx).Model(&messageRow{}).Where("conversation_id = ? AND direction = ? AND id <> ?", m.ConversationID, inbox.DirectionOut, m.ID).
		Order("id DESC").Limit(maximumReferences).Pluck("provider_message_id", &references).Error
	if err != nil {
		return nil, fmt.Errorf("load the references of what left: %w", err)
	}
	var parts []string
	err = s.reading(ctx).Model(&messagePartRow{}).Joins("JOIN messages m ON m.id = message_parts.message_id").
		Where("m.conversation_id = ? AND message_parts.provider_message_id <> ''", m.ConversationID).
		Order("message_id DESC, number DESC").Limit(maximumReferences).Pluck("message_parts.provider_message_id", &parts).Error
	if err != nil {
		return nil, fmt.Errorf("load the references of the thread's parts: %w", err)
	}
	return append(references, parts...), nil
}

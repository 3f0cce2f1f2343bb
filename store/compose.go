package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// Composed is a first message to somebody who need not have written (E9).
type Composed struct {
	// Channel is the e-mail channel it leaves through, as it was loaded.
	Channel inbox.Channel
	// Email is whom it goes to, Name may be "".
	Email, Name string
	Subject     string
	Text, HTML  string
	Files       []File
	// AgentID is the author, who gets the conversation.
	AgentID string
	// ClientID makes it idempotent per channel and agent; "" is none.
	ClientID string
}

// Compose begins a conversation with an agent's message, pending like an answer,
// before its workflow is asked to send it. The contact is found by the address or
// created (G9); the conversation is the agent's. The same ClientID again changes
// nothing and returns what was composed first, as it stands now.
func (s *Store) Compose(ctx context.Context, in Composed) (inbox.Conversation, inbox.Message, error) {
	threadKey := "composed:" + NewID()
	if in.ClientID != "" {
		threadKey = "composed:" + in.AgentID + ":" + in.ClientID
	}
	var c conversationRow
	var message messageRow
	compose := func(t *tx) (err error) {
		c, message, err = t.compose(in, threadKey, stored(time.Now()))
		return err
	}
	err := s.tx(ctx, compose)
	for errors.Is(err, errOutdated) {
		err = s.tx(ctx, compose)
	}
	if errors.Is(err, errDuplicate) {
		return s.composedBefore(ctx, in.Channel.ID, threadKey)
	}
	if err != nil {
		return inbox.Conversation{}, inbox.Message{}, fmt.Errorf("compose: %w", err)
	}
	stored, err := s.Message(ctx, message.ID)
	return c.conversation(), stored, err
}

func (t *tx) compose(in Composed, threadKey string, at time.Time) (conversationRow, messageRow, error) {
	sender := inbox.Sender{Name: in.Name, Identities: []inbox.Identity{inbox.EmailIdentity(in.Email)}}
	contactID, err := t.identify(sender, nil, at)
	if err != nil {
		return conversationRow{}, messageRow{}, err
	}
	decision := inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, Reason: inbox.ReasonManual, AssigneeID: in.AgentID}
	c := conversationRow{
		ID: NewID(), InboxID: in.Channel.InboxID, ChannelID: in.Channel.ID, ChannelKind: in.Channel.Kind,
		ThreadKey: threadKey, Status: inbox.StatusOpen, Subject: in.Subject, ContactID: contactID,
		AssigneeID: in.AgentID, Episode: 1, ChannelRevision: in.Channel.Revision,
		PriorityRank: inbox.PriorityNormal.Rank(), WindowState: inbox.WindowNone, ReplyTo: in.Email,
		CreatedAt: stampOf(at), LastMessageAt: stampOf(at),
	}
	c.Decision.V = &decision
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&c)
	if insert.Error != nil {
		return c, messageRow{}, fmt.Errorf("create conversation: %w", insert.Error)
	}
	if insert.RowsAffected == 0 {
		return c, messageRow{}, errDuplicate
	}
	if err := t.insertTerms(c.ID, in.Subject, sender); err != nil {
		return c, messageRow{}, err
	}
	agent := inbox.Author{Kind: inbox.AuthorAgent, ID: in.AgentID}
	t.event(&c, inbox.EventOpened, agent, map[string]any{"episode": c.Episode, "channel_id": c.ChannelID}, at)
	t.event(&c, inbox.EventAssigned, agent, decisionData{AssignmentDecision: decision, Episode: c.Episode}, at)
	message, _, err := t.insertReply(&c, inbox.Message{Author: agent, Text: in.Text, HTML: in.HTML, CreatedAt: at}, in.Files)
	return c, message, err
}

func (s *Store) composedBefore(ctx context.Context, channelID, threadKey string) (inbox.Conversation, inbox.Message, error) {
	c, err := s.ConversationByThread(ctx, channelID, threadKey)
	if err != nil {
		return c, inbox.Message{}, err
	}
	first, err := s.MessagesAfter(ctx, c.ID, "", 1)
	if err != nil {
		return c, inbox.Message{}, err
	}
	return c, first[0], nil
}

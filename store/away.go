package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// DecideAway answers an away question; it is routing.AnswerAway.
type DecideAway func(inbox.AwayQuestion) bool

// AnswerAway stores the automatic answer of an episode in which nobody is
// there, as pending, and returns its id; "" is none. An episode gets one
// whatever is retried, and of a contact's conversations that come at once only
// as many as decide wants (B10).
func (s *Store) AnswerAway(
	ctx context.Context, ref inbox.EpisodeRef, text string, at time.Time, decide DecideAway,
) (messageID string, err error) {
	at = stored(at)
	err = s.tx(ctx, func(t *tx) error {
		messageID, err = t.answerAway(ref, text, at, decide)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("answer that nobody is there: %w", err)
	}
	return messageID, nil
}

func (t *tx) answerAway(ref inbox.EpisodeRef, text string, at time.Time, decide DecideAway) (string, error) {
	var contactIDs []string
	err := t.Model(&contactRow{}).Clauses(forNoKeyUpdate).
		Where("id = (SELECT contact_id FROM conversations WHERE id = ?)", ref.ConversationID).Pluck("id", &contactIDs).Error
	if err != nil {
		return "", fmt.Errorf("lock contact: %w", err)
	}
	c, err := t.lockConversation(ref.ConversationID)
	if err != nil {
		return "", err
	}
	clientID := fmt.Sprintf("away:%d", ref.Episode)
	var earlier []string
	if err := t.Model(&messageRow{}).Where("conversation_id = ? AND client_id = ?", c.ID, clientID).Pluck("id", &earlier).Error; err != nil {
		return "", fmt.Errorf("look for an earlier answer: %w", err)
	}
	if len(earlier) > 0 {
		return earlier[0], nil
	}
	if c.Episode != ref.Episode || c.Status != inbox.StatusWaiting {
		return "", nil
	}
	question, err := t.awayQuestion(&c, at)
	if err != nil || !decide(question) {
		return "", err
	}
	row, _, err := t.insertReply(&c, inbox.Message{Author: automation, Text: text, ClientID: clientID, CreatedAt: at}, nil)
	return row.ID, err
}

func (t *tx) awayQuestion(c *conversationRow, at time.Time) (inbox.AwayQuestion, error) {
	var last []messageRow
	err := t.Select("messages.created_at").Joins("JOIN conversations c ON c.id = messages.conversation_id").
		// What a chatflow said is not that nobody is there.
		Where("c.contact_id = ? AND messages.channel_id = ? AND direction = ? AND author_kind = ? AND client_id NOT LIKE ?",
			c.ContactID, c.ChannelID, inbox.DirectionOut, inbox.AuthorAutomation, chatflowClientID+"%").
		Order("messages.created_at DESC").Limit(1).Find(&last).Error
	if err != nil {
		return inbox.AwayQuestion{}, fmt.Errorf("look for the contact's last automatic answer: %w", err)
	}
	var opening []messageRow
	err = t.Select("automatic").Where("conversation_id = ? AND episode = ? AND opened", c.ID, c.Episode).Limit(1).Find(&opening).Error
	if err != nil {
		return inbox.AwayQuestion{}, fmt.Errorf("load the message that began the episode: %w", err)
	}
	teams, err := t.teamsAt(c.ReplyTo)
	if err != nil {
		return inbox.AwayQuestion{}, err
	}
	question := inbox.AwayQuestion{At: at, ByPerson: len(opening) > 0 && !opening[0].Automatic, ToTeam: teams > 0}
	for _, row := range last {
		question.LastAnswer = row.CreatedAt.Time
	}
	return question, nil
}

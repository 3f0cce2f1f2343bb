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

// DecideConsent answers a consent question; it is routing.Consent.
type DecideConsent func(inbox.ConsentQuestion) inbox.ConsentDecision

// Consented is what the consent of an episode has come to.
type Consented struct {
	// Waits: the contact has not agreed yet.
	Waits bool
	// Say is the message that asks or tells the contact and has not left yet; "" is
	// none.
	Say string
	// GiveUpAt is when the oldest message that is held back is given up; zero is
	// never.
	GiveUpAt time.Time
	// Restored are messages that were held back and count now, oldest first.
	Restored []string
	// Unreadable are those that cannot be read any more, and are given up.
	Unreadable []string
}

// Consent decides whether an episode may go on, and carries it out in one
// transaction: it asks or tells the contact, or records that he agreed and restores
// what was held back, also in his other conversations of the channel, whose
// workflows are to be told, as NudgesDue repeats (M8). Asked again after a lost
// answer it says the same.
func (s *Store) Consent(
	ctx context.Context, ref inbox.EpisodeRef, rule inbox.ConsentRule, at time.Time, decide DecideConsent, open OpenHeld,
) (Consented, error) {
	at = stored(at)
	var consented Consented
	err := s.tx(ctx, func(t *tx) (err error) {
		consented, err = t.consent(ref, rule, at, decide, open)
		return err
	})
	if err != nil {
		return Consented{}, fmt.Errorf("consent: %w", err)
	}
	return consented, nil
}

func (t *tx) consent(
	ref inbox.EpisodeRef, rule inbox.ConsentRule, at time.Time, decide DecideConsent, open OpenHeld,
) (Consented, error) {
	c, awaiting, err := t.awaiting(ref.ConversationID)
	if err != nil {
		return Consented{}, err
	}
	question, shown, err := t.consentQuestion(c, rule, at)
	if err != nil {
		return Consented{}, err
	}
	decision := decide(question)
	var consented Consented
	by := question.AgreedBy
	if decision.Say {
		said, err := t.sayConsent(c, rule, at)
		if err != nil {
			return Consented{}, err
		}
		by = cmp.Or(by, said)
	}
	if consented.Say, err = t.unsaid(c); err != nil {
		return Consented{}, err
	}
	if decision.Record != "" {
		if decision.Record == inbox.ConsentImplicit {
			shown = rule.Text
		}
		if err := t.recordConsent(c, shown, decision.Record, by, at); err != nil {
			return Consented{}, err
		}
	}
	if decision.Pass {
		return consented, t.goOn(c, awaiting, at, open, &consented)
	}
	consented.Waits = true
	consented.GiveUpAt, err = t.giveUpAt(c.ID)
	return consented, err
}

// awaiting locks a conversation and those of its contact on its channel that wait
// for consent, in the order of locks.go.
func (t *tx) awaiting(conversationID string) (c *conversationRow, awaiting []conversationRow, err error) {
	read, err := take[conversationRow](t.Select("contact_id", "channel_id").Where("id = ?", conversationID), "conversation")
	if err != nil {
		return nil, nil, err
	}
	if err := t.lockContact(read.ContactID); err != nil {
		return nil, nil, err
	}
	err = t.Clauses(forUpdate).Where("id = ? OR (awaits_consent AND contact_id = ? AND contact_id <> '' AND channel_id = ?)",
		conversationID, read.ContactID, read.ChannelID).Order("id").Find(&awaiting).Error
	if err != nil {
		return nil, nil, fmt.Errorf("lock conversations: %w", err)
	}
	for i := range awaiting {
		if awaiting[i].ID == conversationID {
			c = &awaiting[i]
		}
	}
	if c == nil {
		return nil, nil, inbox.NotFound("conversation")
	}
	return c, awaiting, nil
}

// consentQuestion also returns the text that the contact was shown last, which is what
// an answer agrees to: the rule's may have changed since. A text that could not be
// sent was not shown, and what came before one agrees to nothing.
func (t *tx) consentQuestion(c *conversationRow, rule inbox.ConsentRule, at time.Time) (q inbox.ConsentQuestion, shown string, err error) {
	q = inbox.ConsentQuestion{Now: at, Rule: rule, Awaits: c.AwaitsConsent}
	if q.Given, err = t.consentsOf(c.ContactID, c.ChannelID); err != nil {
		return q, "", err
	}
	held, err := t.heldIn(c.ID)
	if err != nil {
		return q, "", err
	}
	q.Held = len(held)
	var last []messageRow
	err = t.Select("id", "episode", "body_text", "created_at").
		Where("conversation_id = ? AND state <> ? AND "+aboutConsent, c.ID, inbox.MessageFailed).
		Order("id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return q, "", fmt.Errorf("look for what the contact was asked: %w", err)
	}
	if len(last) == 0 {
		return q, "", nil
	}
	asked := last[0]
	q.LastAsked, q.AskedInEpisode = asked.CreatedAt.Time, asked.Episode == c.Episode
	for _, m := range held {
		if m.Payload == inbox.AgreePayload && m.ID > asked.ID {
			q.AgreedBy = m.ID
			break
		}
	}
	return q, asked.BodyText, nil
}

// aboutConsent are the messages that ask or tell a contact.
const (
	consentClient = "consent:"
	aboutConsent  = "direction = 'out' AND client_id LIKE '" + consentClient + "%'"
)

// AboutConsent reports whether a message asks a contact for consent: the only one
// that may leave before it is given.
func AboutConsent(m inbox.Message) bool {
	return m.Author.Kind == inbox.AuthorAutomation && len(m.ClientID) > len(consentClient) && m.ClientID[:len(consentClient)] == consentClient
}

func (t *tx) sayConsent(c *conversationRow, rule inbox.ConsentRule, at time.Time) (messageID string, err error) {
	m := inbox.Message{
		Author: automation, Text: rule.Text, ClientID: consentClient + NewID(), CreatedAt: at,
		ConversationID: c.ID,
	}
	if rule.Mode == inbox.ConsentExplicit {
		m.QuickReplies = []inbox.QuickReply{{Title: rule.Button, Payload: inbox.AgreePayload}}
	}
	row, _, err := t.insertReply(c, m, nil)
	if err != nil {
		return "", err
	}
	if rule.Mode == inbox.ConsentExplicit {
		t.event(c, inbox.EventConsentAsked, automation, consentData{Episode: c.Episode, MessageID: row.ID, Wording: rule.Wording()}, at)
	}
	return row.ID, nil
}

// consentData is what happened to a consent in the timeline.
type consentData struct {
	Episode   int               `json:"episode"`
	ConsentID string            `json:"consent_id,omitempty"`
	Mode      inbox.ConsentMode `json:"mode,omitempty"`
	Wording   string            `json:"wording,omitempty"`
	// MessageID asked, told or agreed; MessageIDs were given up.
	MessageID  string   `json:"message_id,omitempty"`
	MessageIDs []string `json:"message_ids,omitempty"`
}

// unsaid returns the last message that asks or tells while it has not left.
func (t *tx) unsaid(c *conversationRow) (string, error) {
	var last []messageRow
	err := t.Select("id", "state").Where("conversation_id = ? AND "+aboutConsent, c.ID).Order("id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return "", fmt.Errorf("look for what the contact is asked: %w", err)
	}
	if len(last) == 0 || last[0].State != inbox.MessagePending {
		return "", nil
	}
	return last[0].ID, nil
}

func (t *tx) recordConsent(c *conversationRow, text string, mode inbox.ConsentMode, messageID string, at time.Time) error {
	wording := consentWordingRow{Digest: inbox.ConsentRule{Text: text}.Wording(), BodyText: text, CreatedAt: stampOf(at)}
	if err := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&wording).Error; err != nil {
		return fmt.Errorf("save wording: %w", err)
	}
	row := consentRow{
		ID: NewID(), ContactID: c.ContactID, ChannelID: c.ChannelID, ConversationID: c.ID, MessageID: messageID,
		Mode: mode, Wording: wording.Digest, CreatedAt: stampOf(at),
	}
	if err := t.Create(&row).Error; err != nil {
		return fmt.Errorf("save consent: %w", err)
	}
	by := automation
	if mode == inbox.ConsentExplicit {
		by = inbox.Author{Kind: inbox.AuthorContact, ID: c.ContactID}
	}
	t.event(c, inbox.EventConsentGiven, by,
		consentData{Episode: c.Episode, ConsentID: row.ID, Mode: mode, Wording: row.Wording, MessageID: messageID}, at)
	return nil
}

// goOn restores what was held back.
func (t *tx) goOn(c *conversationRow, awaiting []conversationRow, at time.Time, open OpenHeld, consented *Consented) error {
	for i := range awaiting {
		each := &awaiting[i]
		held, err := t.heldIn(each.ID)
		if err != nil {
			return err
		}
		for _, m := range held {
			err := t.restore(each, m, open)
			if errors.Is(err, errNotHeld) {
				consented.Unreadable = append(consented.Unreadable, m.ID)
				err = t.giveUp(each, []string{m.ID}, at)
			} else if err == nil {
				consented.Restored = append(consented.Restored, m.ID)
			}
			if err != nil {
				return err
			}
		}
		changes := map[string]any{"awaits_consent": false}
		if each != c && each.Status.Active() {
			changes["nudge_at"] = stampOf(at)
		}
		if each.AwaitsConsent {
			if err := t.Model(each).Updates(changes).Error; err != nil {
				return fmt.Errorf("save that the contact agreed: %w", err)
			}
		}
	}
	return nil
}

// wasShown leaves out whom a text told that could not be sent.
const wasShown = "NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = consents.message_id AND m.state = '" + string(inbox.MessageFailed) + "')"

// Consents lists what a contact agreed to or was told, oldest first.
func (s *Store) Consents(ctx context.Context, contactID string) ([]inbox.Consent, error) {
	if _, err := take[contactRow](s.reading(ctx).Where("id = ?", contactID), "contact"); err != nil {
		return nil, err
	}
	var rows []struct {
		Consent  consentRow `gorm:"embedded"`
		BodyText string
	}
	err := s.reading(ctx).Table("consents").Select("consents.*, w.body_text").
		Joins("JOIN consent_wordings w ON w.digest = consents.wording").
		Where("contact_id = ? AND "+wasShown, contactID).Order("consents.id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list consents: %w", err)
	}
	var consents []inbox.Consent
	for _, row := range rows {
		consent := row.Consent.consent()
		consent.Text = row.BodyText
		consents = append(consents, consent)
	}
	return consents, nil
}

func (t *tx) consentsOf(contactID, channelID string) ([]inbox.Consent, error) {
	var rows []consentRow
	err := t.Where("contact_id = ? AND channel_id = ? AND "+wasShown, contactID, channelID).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load consents: %w", err)
	}
	return convert(rows, consentRow.consent), nil
}

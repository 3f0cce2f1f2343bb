package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Gate holds a message back until its contact agrees (M8).
type Gate struct {
	Rule inbox.ConsentRule
	// Sealed is Inbound.Content, sealed for HeldOwner.
	Sealed []byte
	// Until is when it is given up.
	Until time.Time
	// Agrees: by this message the contact agrees.
	Agrees bool
	// Enough is routing.Consents.
	Enough func(inbox.ConsentRule, []inbox.Consent) bool
}

// Content is what a message says, which is sealed while it is held back.
func (in Inbound) Content() ([]byte, error) {
	raw, err := json.Marshal(heldContent{
		Name: in.Sender.Name, Subject: in.Subject, ReplyTo: in.ReplyTo, Text: in.Text, HTML: in.HTML, Quoted: in.Quoted,
		Fields: in.Fields, Files: in.Files, Remote: in.Remote, Payload: in.Payload, InReplyTo: in.InReplyTo,
	})
	if err != nil {
		return nil, fmt.Errorf("encode what is held back: %w", err)
	}
	return raw, nil
}

type heldContent struct {
	Name      string                 `json:"name,omitempty"`
	Subject   string                 `json:"subject,omitempty"`
	ReplyTo   string                 `json:"reply_to,omitempty"`
	Text      string                 `json:"text,omitempty"`
	HTML      string                 `json:"html,omitempty"`
	Quoted    string                 `json:"quoted,omitempty"`
	Fields    []inbox.SubmittedField `json:"fields,omitempty"`
	Files     []File                 `json:"files,omitempty"`
	Remote    []inbox.RemoteFile     `json:"remote,omitempty"`
	Payload   string                 `json:"payload,omitempty"`
	InReplyTo string                 `json:"in_reply_to,omitempty"`
}

// HeldOwner is what a sealed message belongs to.
func HeldOwner(channelID, providerMessageID string) string {
	return "message:" + channelID + ":" + providerMessageID
}

// without is the message as it is stored while it is held back: nothing of what it
// says, only that it came and from which identity.
func (in Inbound) without() Inbound {
	kept := Inbound{
		Channel: in.Channel, ConversationID: in.ConversationID, ThreadKey: in.ThreadKey, ProviderMessageID: in.ProviderMessageID,
		Sender: inbox.Sender{Identities: in.Sender.Identities}, Automatic: in.Automatic, Wanted: in.Wanted, Standby: in.Standby,
		WindowExpires: in.WindowExpires, At: in.At, Gate: in.Gate,
	}
	if in.Gate.Agrees {
		kept.Payload = inbox.AgreePayload
	}
	return kept
}

// holdsBack reports whether a message is held back until its sender agrees.
func (t *tx) holdsBack(in Inbound) (bool, error) {
	if in.Gate == nil {
		return false, nil
	}
	consented, err := t.consented(in)
	return !consented, err
}

// consented reports whether a sender agreed to the gate's rule. His contact is
// locked against an erasure.
func (t *tx) consented(in Inbound) (bool, error) {
	known, err := t.known(in.Sender.Identities)
	if err != nil || len(known) == 0 {
		return false, err
	}
	contactID := known[0].ContactID
	if err := t.lockContact(contactID); err != nil {
		return false, err
	}
	given, err := t.consentsOf(contactID, in.Channel.ID)
	return in.Gate.Enough(in.Gate.Rule, given), err
}

func (t *tx) lockContact(id string) error {
	var ids []string
	if err := t.Model(&contactRow{}).Clauses(forNoKeyUpdate).Where("id = ?", id).Pluck("id", &ids).Error; err != nil {
		return fmt.Errorf("lock contact: %w", err)
	}
	return nil
}

// OpenHeld opens what was sealed for an owner.
type OpenHeld func(sealed []byte, owner string) ([]byte, error)

// errNotHeld is a message whose sealed copy cannot be read any more.
var errNotHeld = errors.New("the message that was held back cannot be read")

// restore makes a message that was held back what it says, and makes its
// conversation and contact findable by it.
func (t *tx) restore(c *conversationRow, m messageRow, open OpenHeld) error {
	plain, err := open(m.Sealed, HeldOwner(m.ChannelID, m.ProviderMessageID))
	if err != nil {
		return errors.Join(errNotHeld, err)
	}
	var content heldContent
	if err := json.Unmarshal(plain, &content); err != nil {
		return errors.Join(errNotHeld, err)
	}
	sender := inbox.Sender{Name: content.Name}
	if m.Sender.V != nil {
		sender.Identities = m.Sender.V.Identities
	}
	m.Sender = jsonOf[*inbox.Sender]{&sender}
	m.BodyText, m.BodyHTML, m.BodyQuoted = content.Text, content.HTML, content.Quoted
	m.Fields, m.Remote = jsonOf[[]inbox.SubmittedField]{content.Fields}, jsonOf[[]inbox.RemoteFile]{content.Remote}
	m.Payload, m.InReplyTo, m.State = content.Payload, content.InReplyTo, inbox.MessageReceived
	m.Sealed, m.SealedUntil = nil, stamp{}
	err = t.Model(&m).Select("sender", "body_text", "body_html", "body_quoted", "fields", "remote", "payload", "in_reply_to",
		"state", "sealed", "sealed_until").Updates(&m).Error
	if err != nil {
		return fmt.Errorf("restore message: %w", err)
	}
	if err := t.attach(m.ID, content.Files); err != nil {
		return err
	}
	return t.findable(c, content, sender)
}

// findable gives a conversation that began with a message that was held back its
// subject and its words, and a contact without a name his.
func (t *tx) findable(c *conversationRow, content heldContent, sender inbox.Sender) error {
	var words int64
	if err := t.Model(&conversationTermRow{}).Where("conversation_id = ?", c.ID).Count(&words).Error; err != nil {
		return fmt.Errorf("look for search terms: %w", err)
	}
	if words == 0 && c.Subject == "" {
		c.Subject, c.ReplyTo = content.Subject, content.ReplyTo
		if err := t.Model(c).Select("subject", "reply_to").Updates(c).Error; err != nil {
			return fmt.Errorf("save subject: %w", err)
		}
		if err := t.insertTerms(c.ID, content.Subject, sender); err != nil {
			return err
		}
	}
	if sender.Name == "" {
		return nil
	}
	named := t.Model(&contactRow{}).Where("id = ? AND name = ''", c.ContactID).Update("name", sender.Name)
	if named.Error != nil {
		return fmt.Errorf("name contact: %w", named.Error)
	}
	if named.RowsAffected == 0 {
		return nil
	}
	_, err := t.indexContact(c.ContactID)
	return err
}

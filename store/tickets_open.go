package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchboard/inbox"
)

// DecideTicket answers a ticket question; it is routing.Ticket.
type DecideTicket func(inbox.TicketQuestion) inbox.TicketDecision

// ticketData is a ticket decision in the timeline.
type ticketData struct {
	inbox.TicketDecision
	Episode int `json:"episode"`
}

// ticketFacts are a conversation and what its ticket depends on.
type ticketFacts struct {
	Conversation   conversationRow `gorm:"embedded"`
	Tickets        jsonOf[inbox.TicketDefaults]
	OwnerID        string
	FromChannels   bool
	PerContact     int
	ContactTickets int
	// Written: the contact wrote in the conversation.
	Written bool
}

// OpenTicket asks the ticket policy and creates the ticket it wants: one for a
// conversation, and never more for a contact than the account allows, whatever
// runs at once (G10 to G13, F3 to F6).
func (s *Store) OpenTicket(
	ctx context.Context, ref inbox.EpisodeRef, at time.Time, decide DecideTicket,
) (inbox.TicketDecision, error) {
	at = stored(at)
	for {
		var decision inbox.TicketDecision
		err := s.tx(ctx, func(t *tx) (err error) {
			decision, err = s.openTicket(t, ref.ConversationID, at, decide)
			return err
		})
		if errors.Is(err, errOutdated) {
			continue
		}
		if err != nil {
			return inbox.TicketDecision{}, fmt.Errorf("open ticket: %w", err)
		}
		return decision, nil
	}
}

func (s *Store) openTicket(t *tx, id string, at time.Time, decide DecideTicket) (inbox.TicketDecision, error) {
	facts, err := s.ticketFacts(t, id)
	if err != nil {
		return inbox.TicketDecision{}, err
	}
	c := facts.Conversation
	question := inbox.TicketQuestion{
		Account:  inbox.Account{TicketsFromChannels: facts.FromChannels, TicketsPerContact: facts.PerContact},
		Defaults: facts.Tickets.V, Existing: c.TicketID, ContactID: c.ContactID, ContactTickets: facts.ContactTickets,
		Unwritten:  !facts.Written,
		AssigneeID: c.AssigneeID, ContactOwnerID: facts.OwnerID,
	}
	if question.Defaults.Enabled {
		var rows []pipelineRow
		if err := t.Order("id").Find(&rows).Error; err != nil {
			return inbox.TicketDecision{}, fmt.Errorf("load pipelines: %w", err)
		}
		question.Pipelines = convert(rows, pipelineRow.pipeline)
	}
	decision := decide(question)
	switch {
	case decision.Create:
		return t.createTicket(&c, facts.Tickets.V, decision, at)
	case decision.Reason == inbox.ReasonTicketsOff:
		return decision, nil
	case c.TicketID != "":
		return t.ticketBefore(&c, decision, inbox.EventTicketCreated)
	}
	before, err := t.ticketBefore(&c, inbox.TicketDecision{}, inbox.EventTicketSkipped)
	if err == nil && before != decision {
		t.event(&c, inbox.EventTicketSkipped, automation, ticketData{decision, c.Episode}, at)
	}
	return decision, err
}

// ticketFacts loads a conversation with its contact locked, so that nobody else
// counts or creates the contact's tickets meanwhile.
func (s *Store) ticketFacts(t *tx, id string) (ticketFacts, error) {
	var contactIDs []string
	if s.postgres {
		err := t.Model(&contactRow{}).Clauses(forNoKeyUpdate).
			Where("id = (SELECT contact_id FROM conversations WHERE id = ?)", id).Pluck("id", &contactIDs).Error
		if err != nil {
			return ticketFacts{}, fmt.Errorf("lock contact: %w", err)
		}
	}
	facts, err := take[ticketFacts](t.Raw(`SELECT c.*, r.tickets,
			COALESCE((SELECT owner_id FROM contacts WHERE id = c.contact_id), '') AS owner_id,
			account.tickets_from_channels AS from_channels, account.tickets_per_contact AS per_contact,
			(SELECT count(*) FROM tickets WHERE contact_id = c.contact_id AND contact_id <> '') AS contact_tickets,
			EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.direction = 'in' AND NOT m.automatic) AS written
		FROM conversations c
		JOIN channel_revisions r ON r.channel_id = c.channel_id AND r.revision = c.channel_revision
		CROSS JOIN account WHERE c.id = ?`, id), "conversation")
	if err != nil {
		return ticketFacts{}, err
	}
	if contactID := facts.Conversation.ContactID; s.postgres && contactID != "" && !slices.Contains(contactIDs, contactID) {
		return ticketFacts{}, errOutdated // resolved or merged meanwhile
	}
	return facts, nil
}

func (t *tx) createTicket(
	c *conversationRow, defaults inbox.TicketDefaults, decision inbox.TicketDecision, at time.Time,
) (inbox.TicketDecision, error) {
	var first messageRow
	err := t.Select("fields", "body_text").Where("conversation_id = ? AND episode = ? AND opened", c.ID, c.Episode).
		Limit(1).Find(&first).Error
	if err != nil {
		return decision, fmt.Errorf("load first message: %w", err)
	}
	decision.TicketID = NewID()
	ticket := ticketRow{
		ID: decision.TicketID, ConversationID: c.ID, InboxID: c.InboxID, ContactID: c.ContactID,
		PipelineID: decision.PipelineID, StageID: decision.StageID, Priority: decision.Priority, OwnerID: decision.OwnerID,
		Name:        cmp.Or(answerTo(first.Fields.V, inbox.MapsToTicketName), c.Subject, firstLine(first.BodyText)),
		Description: cmp.Or(answerTo(first.Fields.V, inbox.MapsToTicketDescription), first.BodyText),
		Properties:  defaults.Properties, CreatedAt: stampOf(at), UpdatedAt: stampOf(at),
	}
	if err := t.Create(&ticket).Error; err != nil {
		return decision, fmt.Errorf("create ticket: %w", err)
	}
	if err := t.Model(c).Update("ticket_id", ticket.ID).Error; err != nil {
		return decision, fmt.Errorf("save the conversation's ticket: %w", err)
	}
	t.event(c, inbox.EventTicketCreated, automation, ticketData{decision, c.Episode}, at)
	return decision, nil
}

// ticketBefore repeats the decision that the timeline has for this episode,
// otherwise it returns the one given.
func (t *tx) ticketBefore(c *conversationRow, otherwise inbox.TicketDecision, kind inbox.EventKind) (inbox.TicketDecision, error) {
	var data ticketData
	last, err := t.lastEvent(c.ID, &data, kind)
	if err != nil || last.ID == 0 || data.Episode != c.Episode {
		return otherwise, err
	}
	return data.TicketDecision, nil
}

// answerTo returns the answers to a form's fields that map to something (F3).
func answerTo(fields []inbox.SubmittedField, mapping inbox.FieldMapping) string {
	for _, field := range fields {
		if field.MapsTo == mapping {
			return strings.Join(field.Values, ", ")
		}
	}
	return ""
}

// firstLine names a ticket after a message without a subject.
func firstLine(text string) string {
	const maximum = 80 // characters
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if runes := []rune(line); len(runes) > maximum {
		return string(runes[:maximum-1]) + "…"
	}
	return strings.TrimSpace(line)
}

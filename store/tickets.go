package store

import (
	"context"
	"time"

	"switchboard/inbox"
)

// TicketFilter narrows a list of tickets; zero fields do not.
type TicketFilter struct {
	// InboxIDs are the inboxes that may be seen (E10); nil is all of them.
	InboxIDs   []string
	InboxID    string
	ContactID  string
	OwnerID    string
	PipelineID string
	StageID    string
}

// Ticket returns one ticket.
func (s *Store) Ticket(ctx context.Context, id string) (inbox.Ticket, error) {
	row, err := take[ticketRow](s.reading(ctx).Where("id = ?", id), "ticket")
	return row.ticket(), err
}

// Tickets lists tickets, newest first.
func (s *Store) Tickets(ctx context.Context, filter TicketFilter, page Page) ([]inbox.Ticket, string, error) {
	query := s.reading(ctx)
	if filter.InboxIDs != nil {
		query = query.Where("inbox_id IN ?", filter.InboxIDs)
	}
	for column, value := range map[string]string{
		"inbox_id": filter.InboxID, "contact_id": filter.ContactID, "owner_id": filter.OwnerID,
		"pipeline_id": filter.PipelineID, "stage_id": filter.StageID,
	} {
		if value != "" {
			query = query.Where(column+" = ?", value)
		}
	}
	rows, cursor, err := pageByID(query, page, newestFirst, func(r ticketRow) string { return r.ID })
	return convert(rows, ticketRow.ticket), cursor, err
}

// UpdateTicket replaces what people edit of a ticket: name, description,
// pipeline and stage, priority, owner, properties. It sets UpdatedAt.
func (s *Store) UpdateTicket(ctx context.Context, ticket inbox.Ticket) (inbox.Ticket, error) {
	var row ticketRow
	err := s.tx(ctx, func(t *tx) error {
		if err := refer[agentRow](t, "agent", "owner_id", given(ticket.OwnerID)...); err != nil {
			return err
		}
		if err := refer[pipelineRow](t, "pipeline", "pipeline_id", ticket.PipelineID); err != nil {
			return err
		}
		if ticket.StageID == "" {
			return inbox.Invalid("stage_id", "A ticket needs a stage.")
		}
		if err := t.checkStage("", ticket.PipelineID, ticket.StageID); err != nil {
			return err
		}
		update := t.Model(&ticketRow{}).Where("id = ?", ticket.ID).Updates(map[string]any{
			"name": ticket.Name, "description": ticket.Description, "pipeline_id": ticket.PipelineID,
			"stage_id": ticket.StageID, "priority": ticket.Priority, "owner_id": ticket.OwnerID,
			"properties": dict(ticket.Properties), "updated_at": stampOf(time.Now()),
		})
		if err := changed(update, "ticket"); err != nil {
			return err
		}
		var err error
		row, err = take[ticketRow](t.Where("id = ?", ticket.ID), "ticket")
		return err
	})
	if err != nil {
		return inbox.Ticket{}, err
	}
	return row.ticket(), nil
}

package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// ListTickets lists the tickets of the inboxes the caller sees, newest first.
func (s *server) ListTickets(c *gin.Context, params contract.ListTicketsParams) {
	tickets, next, err := s.store.Tickets(c.Request.Context(), store.TicketFilter{
		InboxIDs: visibleInboxes(c), InboxID: given(params.InboxID), PipelineID: given(params.PipelineID),
		StageID: given(params.StageID), OwnerID: given(params.OwnerID), ContactID: given(params.ContactID),
	}, page(params.Cursor, params.Limit))
	answerPage(c, tickets, next, err, ticketOut)
}

// GetTicket answers one ticket.
func (s *server) GetTicket(c *gin.Context, id string) {
	ticket, err := s.visibleTicket(c, id)
	answer(c, http.StatusOK, ticket, err, ticketOut)
}

// UpdateTicket changes a ticket.
func (s *server) UpdateTicket(c *gin.Context, id string) {
	ticket, err := s.visibleTicket(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decodePatch(c, ticketOut(ticket))
	if err != nil {
		refuse(c, err)
		return
	}
	ticket.PipelineID, ticket.StageID, ticket.Priority = in.PipelineID, in.StageID, inbox.Priority(in.Priority)
	ticket.OwnerID, ticket.Name, ticket.Description = given(in.OwnerID), in.Name, channels.CleanText(in.Description)
	ticket.Properties = in.Properties
	ticket, err = s.store.UpdateTicket(c.Request.Context(), ticket)
	answer(c, http.StatusOK, ticket, err, ticketOut)
}

func (s *server) visibleTicket(c *gin.Context, id string) (inbox.Ticket, error) {
	ticket, err := s.store.Ticket(c.Request.Context(), id)
	if err != nil {
		return ticket, fmt.Errorf("load ticket: %w", err)
	}
	if !caller(c).CanSee(ticket.InboxID) {
		return inbox.Ticket{}, inbox.NotFound("ticket")
	}
	return ticket, nil
}

func ticketOut(ticket inbox.Ticket) contract.Ticket {
	return contract.Ticket{
		ID: ticket.ID, ConversationID: ticket.ConversationID, InboxID: ticket.InboxID,
		ContactID: optional(ticket.ContactID), PipelineID: ticket.PipelineID, StageID: ticket.StageID,
		Priority: contract.Priority(ticket.Priority), OwnerID: optional(ticket.OwnerID), Name: ticket.Name,
		Description: ticket.Description, Properties: propertiesOut(ticket.Properties),
		CreatedAt: ticket.CreatedAt, UpdatedAt: ticket.UpdatedAt,
	}
}

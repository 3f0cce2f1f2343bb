package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
)

// ListContacts lists the contacts the caller sees, newest first.
func (s *server) ListContacts(c *gin.Context, params contract.ListContactsParams) {
	contacts, next, err := s.store.Contacts(c.Request.Context(), sightOf(c), given(params.Q), page(params.Cursor, params.Limit))
	answerPage(c, contacts, next, err, contactOut)
}

// GetContact answers one contact.
func (s *server) GetContact(c *gin.Context, id string) {
	contact, err := s.visibleContact(c, id)
	answer(c, http.StatusOK, contact, err, contactOut)
}

// UpdateContact changes a contact's name or owner (G5).
func (s *server) UpdateContact(c *gin.Context, id string) {
	ctx := c.Request.Context()
	contact, err := s.visibleContact(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decodePatch(c, contactOut(contact))
	if err != nil {
		refuse(c, err)
		return
	}
	contact.Name, contact.OwnerID = in.Name, given(in.OwnerID)
	contact, err = s.store.UpdateContact(ctx, contact)
	answer(c, http.StatusOK, contact, err, contactOut)
}

// EraseContact erases a contact's personal data (B12).
func (s *server) EraseContact(c *gin.Context, id string) {
	answerDone(c, s.store.EraseContact(c.Request.Context(), id))
}

// sightOf is how much of the contacts the caller sees (E10).
func sightOf(c *gin.Context) store.Sight {
	return store.Sight{InboxIDs: visibleInboxes(c), AgentID: caller(c).ID}
}

func (s *server) visibleContact(c *gin.Context, id string) (inbox.Contact, error) {
	ctx := c.Request.Context()
	seen, err := s.store.SeenContacts(ctx, sightOf(c), id)
	if err != nil {
		return inbox.Contact{}, err
	}
	if len(seen) == 0 {
		return inbox.Contact{}, inbox.NotFound("contact")
	}
	return s.store.Contact(ctx, id)
}

func contactOut(contact inbox.Contact) contract.Contact {
	return contract.Contact{
		ID: contact.ID, Name: contact.Name, OwnerID: optional(contact.OwnerID),
		Identities: listed(contact.Identities), CreatedAt: contact.CreatedAt,
	}
}

package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/routing"
)

// MergeContact merges a contact into another and answers that one (M9).
func (s *server) MergeContact(c *gin.Context, id string) {
	in, err := decode[contract.ContactMerge](c)
	if err != nil {
		refuse(c, err)
		return
	}
	if _, err := s.visibleContact(c, id); err != nil {
		refuse(c, err)
		return
	}
	if _, err := s.visibleContact(c, in.IntoID); inbox.CodeOf(err) == inbox.CodeNotFound {
		refuse(c, inbox.Invalid("into_id", "There is no such contact."))
		return
	} else if err != nil {
		refuse(c, err)
		return
	}
	ctx := c.Request.Context()
	if err := s.store.MergeContacts(ctx, id, in.IntoID, author(c)); err != nil {
		refuse(c, err)
		return
	}
	contact, err := s.store.Contact(ctx, in.IntoID)
	answer(c, http.StatusOK, contact, err, contactOut)
}

// ListMerges lists the merges into a contact (M9).
func (s *server) ListMerges(c *gin.Context, id string) {
	if _, err := s.visibleContact(c, id); err != nil {
		refuse(c, err)
		return
	}
	merges, err := s.store.Merges(c.Request.Context(), id)
	answerPage(c, merges, "", err, mergeOut)
}

// UndoMerge brings a merged contact back and answers it (M9).
func (s *server) UndoMerge(c *gin.Context, id, mergeID string) {
	if _, err := s.visibleContact(c, id); err != nil {
		refuse(c, err)
		return
	}
	contact, err := s.store.UndoMerge(c.Request.Context(), id, mergeID, author(c), time.Now(), routing.UndoMerge)
	answer(c, http.StatusOK, contact, err, contactOut)
}

// ListMergeSuggestions lists contacts that may be the same person (M9).
func (s *server) ListMergeSuggestions(c *gin.Context, id string) {
	if _, err := s.visibleContact(c, id); err != nil {
		refuse(c, err)
		return
	}
	contact, others, err := s.store.MergeSides(c.Request.Context(), id, routing.AddressesIn)
	suggestions := routing.SuggestMerges(contact, others)
	var seen []string
	if err == nil {
		seen, err = s.store.SeenContacts(c.Request.Context(), sightOf(c),
			each(suggestions, func(suggestion inbox.MergeSuggestion) string { return suggestion.Contact.ID })...)
	}
	suggestions = slices.DeleteFunc(suggestions, func(suggestion inbox.MergeSuggestion) bool {
		return !slices.Contains(seen, suggestion.Contact.ID)
	})
	answerPage(c, suggestions, "", err, suggestionOut)
}

func mergeOut(merge inbox.Merge) contract.Merge {
	return contract.Merge{
		ID: merge.ID, ContactID: merge.ContactID, MergedContactID: merge.MergedID, MergedName: merge.Name,
		Actor: authorOut(merge.Actor), MergedAt: merge.At, UndoUntil: routing.MergeUndoableUntil(merge),
		UndoneAt: optional(merge.UndoneAt),
	}
}

func suggestionOut(suggestion inbox.MergeSuggestion) contract.MergeSuggestion {
	return contract.MergeSuggestion{
		Contact: contactOut(suggestion.Contact),
		Reasons: each(suggestion.Reasons, func(r inbox.MergeReason) contract.MergeReason { return contract.MergeReason(r) }),
	}
}

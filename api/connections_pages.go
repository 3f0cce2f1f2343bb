package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

// connectPage connects a Messenger channel to a page that is on offer, or says
// where a person lets us into pages (M1).
func (s *server) connectPage(c *gin.Context, channel inbox.Channel, in contract.MailboxConnect) {
	ctx := c.Request.Context()
	switch {
	case in.Provider != contract.MailboxProviderFacebook:
		refuse(c, inbox.Invalid("provider", "A Messenger channel is connected to facebook."))
	case in.PageID != nil:
		channel, err := s.facebook.Choose(ctx, channel.ID, caller(c).ID, *in.PageID)
		s.answerChannel(c, http.StatusCreated, channel, err)
	default:
		page, until, err := s.facebook.AskConsent(ctx, channel.ID, caller(c).ID)
		answer(c, http.StatusOK, page, err, func(page string) contract.MailboxConsent {
			return contract.MailboxConsent{AuthorizationURL: page, ExpiresAt: until}
		})
	}
}

// ListOfferedPages answers the pages one of which may be chosen for a channel.
func (s *server) ListOfferedPages(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	var pages []graph.Page
	if err == nil {
		pages, err = s.facebook.Offered(c.Request.Context(), channel.ID)
	}
	answer(c, http.StatusOK, pages, err, func(pages []graph.Page) contract.OfferedPages {
		return contract.OfferedPages{Items: each(pages, func(page graph.Page) contract.OfferedPage {
			return contract.OfferedPage{ID: page.ID, Name: page.Name}
		})}
	})
}

// takePageConsent tells a person whom Facebook sent back, with a page.
func (s *server) takePageConsent(c *gin.Context, state, code string) {
	consented, err := s.facebook.TakeConsent(c.Request.Context(), state, code)
	if err != nil {
		s.consentRefused(c, err)
		return
	}
	page := consentPage{
		Title: "Connected", Text: fmt.Sprintf("Switchboard now reads and answers messages to %s.", consented.Page),
		More: "You can close this page.",
	}
	if consented.Pages > 1 {
		page = consentPage{
			Title: "Choose a page", Text: fmt.Sprintf("Switchboard was let into %d pages.", consented.Pages),
			More: "Go back and choose which one the channel is for.",
		}
	}
	writeConsentPage(c, http.StatusOK, page)
}

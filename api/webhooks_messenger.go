package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/messenger/webhook"
	"switchboard/inbox"
)

// Messenger is our application at Facebook; without a secret nothing is taken in.
type Messenger struct {
	AppSecret, VerifyToken string
	// Intake takes in a verified body; *intake.Messenger is one. Without an error
	// everything in it is durable.
	Intake interface {
		Deliver(ctx context.Context, body []byte) error
	}
}

// maxDelivery bounds what Facebook delivers at once: a thousand items of 16 KiB,
// several times the longest text with its files' addresses.
const maxDelivery = 16 << 20

// VerifyMessengerWebhook answers Facebook's check of our address.
func (s *server) VerifyMessengerWebhook(c *gin.Context, params contract.VerifyMessengerWebhookParams) {
	if given(params.HubMode) != "subscribe" || !webhook.VerifyToken(given(params.HubVerifyToken), s.messenger.VerifyToken) {
		s.refuseUnverified(c)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(given(params.HubChallenge)))
}

// TakeMessengerWebhook takes in what happened on pages. What Facebook signed is not
// limited per address: it comes from few.
func (s *server) TakeMessengerWebhook(c *gin.Context, params contract.TakeMessengerWebhookParams) {
	signature := given(params.XHubSignature256)
	if signature == "" {
		s.refuseUnverified(c)
		return
	}
	limitBody(c, maxDelivery)
	body, err := readBody(c)
	if err != nil {
		refuse(c, err)
		return
	}
	if !webhook.Verify(body, signature, s.messenger.AppSecret) {
		s.refuseUnverified(c)
		return
	}
	if err := s.messenger.Intake.Deliver(c.Request.Context(), body); err != nil {
		refuse(c, err)
		return
	}
	c.Status(http.StatusOK)
}

// refuseUnverified refuses somebody who did not show that they are the provider.
func (s *server) refuseUnverified(c *gin.Context) {
	refuse(c, s.unverified(c, "This is not signed by the provider."))
}

// unverified is what somebody is told who did not show who they are. It limits how
// often they may try.
func (p *public) unverified(c *gin.Context, sentence string) error {
	if wait, ok := p.limits.take(network(c.ClientIP()), p.clock()); !ok {
		return tooOften(c, wait)
	}
	return inbox.Errorf(inbox.CodeForbidden, "%s", sentence)
}

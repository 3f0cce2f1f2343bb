package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
)

// Calls takes in what Twilio says of calls; *intake.Calls is one.
type Calls interface {
	// Answer returns the TwiML to answer a webhook with, given as the query of its
	// address and its body, which is durable by then.
	Answer(ctx context.Context, query string, body []byte) (string, error)
}

// ReceiveTwilioCall takes a call in and says what is done with it (P1 to P4).
func (p *public) ReceiveTwilioCall(c *gin.Context, _ contract.ReceiveTwilioCallParams) {
	body, err := p.signedByTwilio(c)
	if err != nil {
		refuse(c, err)
		return
	}
	document, err := p.calls.Answer(c.Request.Context(), c.Request.URL.RawQuery, body)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Data(http.StatusOK, "text/xml; charset=utf-8", []byte(document))
}

package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// Calls takes in what Twilio says of calls; *intake.Calls is one.
type Calls interface {
	// Answer returns the TwiML to answer a webhook with, which is durable by then.
	Answer(ctx context.Context, query, form url.Values) (string, error)
}

// ReceiveTwilioCall takes a call in and says what is done with it (P1 to P4).
func (p *public) ReceiveTwilioCall(c *gin.Context, _ contract.ReceiveTwilioCallParams) {
	body, err := p.signedByTwilio(c)
	if err != nil {
		refuse(c, err)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		refuse(c, inbox.Invalid("body", "The body is not a form."))
		return
	}
	document, err := p.calls.Answer(c.Request.Context(), c.Request.URL.Query(), form)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Data(http.StatusOK, "text/xml; charset=utf-8", []byte(document))
}

package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/twilio"
)

// WhatsApp takes in what Twilio sends; *intake.WhatsApp is one. Without an error
// it is durable.
type WhatsApp interface {
	ReceiveMessage(ctx context.Context, body []byte) error
	ReceiveStatus(ctx context.Context, messageID string, part int, body []byte) error
}

// maxWebhook bounds a webhook of Twilio's in bytes: its longest texts are 64 KiB.
const maxWebhook = 256 << 10

// ReceiveTwilioMessage takes a WhatsApp message in (W1).
func (p *public) ReceiveTwilioMessage(c *gin.Context) {
	body, err := p.signedByTwilio(c)
	if err == nil {
		err = p.whatsApp.ReceiveMessage(c.Request.Context(), body)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.Data(http.StatusOK, "text/xml; charset=utf-8", []byte("<Response/>"))
}

// ReceiveTwilioStatus follows what became of a WhatsApp message of ours (W3).
func (p *public) ReceiveTwilioStatus(c *gin.Context, params contract.ReceiveTwilioStatusParams) {
	body, err := p.signedByTwilio(c)
	if err == nil {
		err = p.whatsApp.ReceiveStatus(c.Request.Context(), given(params.Message), given(params.Part), body)
	}
	answerDone(c, err)
}

// signedByTwilio returns the body of a webhook that Twilio sent; any other is
// CodeForbidden.
func (p *public) signedByTwilio(c *gin.Context) ([]byte, error) {
	limitBody(c, maxWebhook)
	body, err := readBody(c)
	if err != nil {
		return nil, err
	}
	if !p.twilio.Valid(c.Request.URL.RequestURI(), body, c.GetHeader(twilio.SignatureHeader)) {
		return nil, p.unverified(c, "The request is not signed by Twilio for this server's public address.")
	}
	return body, nil
}

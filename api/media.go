package api

import (
	"bytes"
	"mime"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
)

// GetMedia gives Twilio a file that leaves by WhatsApp (W1).
func (p *public) GetMedia(c *gin.Context, attachmentID string, params contract.GetMediaParams) {
	p.serveMedia(c, attachmentID, params.Expires, params.Signature)
}

// HeadMedia says what GetMedia would give: Twilio looks before it fetches.
func (p *public) HeadMedia(c *gin.Context, attachmentID string, params contract.HeadMediaParams) {
	p.serveMedia(c, attachmentID, params.Expires, params.Signature)
}

func (p *public) serveMedia(c *gin.Context, attachmentID, expires, signature string) {
	if !p.media.Valid(attachmentID, expires, signature, time.Now()) {
		refuse(c, p.unverified(c, "This address is not one of ours or has expired."))
		return
	}
	attachment, data, err := p.store.AttachmentData(c.Request.Context(), attachmentID)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Content-Type", attachment.ContentType)
	// Twilio takes the file's name from here.
	c.Header("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": attachment.Name}))
	// It is for Twilio: no browser shows it as a page of ours, no search engine lists it.
	c.Header("Content-Security-Policy", "sandbox; default-src 'none'")
	c.Header("X-Robots-Tag", "noindex, nofollow")
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(data))
}

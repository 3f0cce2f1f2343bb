package api

import (
	"bytes"
	_ "embed"
	"html/template"

	"github.com/gin-gonic/gin"
)

//go:embed consent_page.html
var consentHTML string

var consentTemplate = template.Must(template.New("consent").Parse(consentHTML))

// consentPage tells a person who comes back from a provider what came of it.
type consentPage struct{ Title, Text, More string }

func writeConsentPage(c *gin.Context, status int, page consentPage) {
	var html bytes.Buffer
	if err := consentTemplate.Execute(&html, page); err != nil {
		refuse(c, err)
		return
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	// The address holds the provider's code.
	c.Header("Referrer-Policy", "no-referrer")
	c.Data(status, "text/html; charset=utf-8", html.Bytes())
	c.Abort()
}

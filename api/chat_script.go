package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"switchboard/web"
)

const (
	// freshFor is how long a browser uses the widget's script without asking, in
	// seconds: a page view later a new version is everywhere.
	freshFor = 300
	// forEver is for what has its version in its name.
	forEver = 365 * 24 * 60 * 60
)

// GetChatWidget answers the script that websites embed (C1).
func (p *public) GetChatWidget(c *gin.Context, _ string) {
	widget, err := web.Chat()
	if err != nil {
		refuse(c, err)
		return
	}
	script(c, widget.Loader, fmt.Sprintf("public, max-age=%d", freshFor))
}

// GetChatWidgetPart answers the part that the script imports. After an update a
// page may still ask for an earlier one.
func (p *public) GetChatWidgetPart(c *gin.Context, _, part string) {
	widget, err := web.Chat()
	if err != nil {
		refuse(c, err)
		return
	}
	keep := fmt.Sprintf("public, max-age=%d, immutable", forEver)
	if part != widget.PanelName {
		keep = "no-cache"
	}
	script(c, widget.Panel, keep)
}

func script(c *gin.Context, asset web.Asset, keep string) {
	tag := `"` + asset.Version + `"`
	c.Header("Cache-Control", keep)
	c.Header("ETag", tag)
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	// Pages that are isolated from other origins load it too.
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	if takes(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	body := asset.Plain
	if takes(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Header("Content-Encoding", "gzip")
		body = asset.Gzipped
	}
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", body)
}

// takes reports whether a list in a header has the word, with any weight but 0.
func takes(list, word string) bool {
	for item := range strings.SplitSeq(list, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.TrimPrefix(strings.TrimSpace(name), "W/") == word && strings.Trim(weight, " 0.") != "q=" {
			return true
		}
	}
	return false
}

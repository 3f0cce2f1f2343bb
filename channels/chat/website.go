package chat

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

// Embed implements channels.Embedder: the tracking snippet (C1).
func (*Channel) Embed(channel inbox.Channel, site channels.Site) (channels.Embed, error) {
	settings, err := ReadSettings(channel.Settings)
	if err != nil {
		return channels.Embed{}, err
	}
	where := "on which the chat is to appear"
	if len(settings.AllowedOrigins) > 0 {
		where = "of " + strings.Join(settings.AllowedOrigins, ", ")
	}
	instructions := fmt.Sprintf("Paste this into every page %s, before the closing body tag. It loads after the page and slows nothing down.", where)
	if at, err := url.Parse(site.URL); err == nil && at.Host != "" {
		origin := at.Scheme + "://" + at.Host
		instructions += fmt.Sprintf(" If the website has a Content-Security-Policy, add %s to its script-src and connect-src, and blob: to its img-src for pictures in the chat.", origin)
	}
	return channels.Embed{
		HTML:         fmt.Sprintf(`<script async src="%s/chat/%s/widget.js"></script>`, template.HTMLEscapeString(site.URL), template.HTMLEscapeString(channel.ID)),
		Instructions: instructions,
	}, nil
}

package chat

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

var (
	//go:embed preview.html
	previewHTML string

	preview = template.Must(template.New("preview").Parse(previewHTML))
)

// Preview implements channels.Previewer (C9): the opened widget while somebody
// is there, for a visitor nobody knows.
func (*Channel) Preview(channel inbox.Channel, site channels.Site) (string, error) {
	settings, err := ReadSettings(channel.Settings)
	if err != nil {
		return "", err
	}
	widget := settings.Show(Presence{State: "open", Show: PresenceReplyTime}, People{Company: site.Company})
	var page strings.Builder
	if err := preview.Execute(&page, widget); err != nil {
		return "", fmt.Errorf("preview chat: %w", err)
	}
	return page.String(), nil
}

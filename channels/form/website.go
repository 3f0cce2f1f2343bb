package form

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

// Embed implements channels.Embedder: the ready page in a frame (F1).
func (*Channel) Embed(channel inbox.Channel, site channels.Site) (channels.Embed, error) {
	address := site.URL + "/forms/" + channel.ID
	where := "on any website"
	settings, err := ReadSettings(channel.Settings)
	if err != nil {
		return channels.Embed{}, err
	}
	if len(settings.AllowedOrigins) > 0 {
		where = "on " + strings.Join(settings.AllowedOrigins, ", ")
	}
	return channels.Embed{
		HTML: fmt.Sprintf(`<iframe src="%s" title="%s" style="width:100%%;min-height:40rem;border:0"></iframe>`,
			template.HTMLEscapeString(address), template.HTMLEscapeString(channel.Name)),
		Instructions: fmt.Sprintf("Paste this into the page, %s, where the form is to appear. "+
			"Or link to the form's own page: %s", where, address),
	}, nil
}

// Preview implements channels.Previewer.
func (*Channel) Preview(draft channels.Draft, _ channels.Site) (string, error) {
	settings, err := ReadSettings(draft.Channel.Settings)
	if err != nil {
		return "", err
	}
	settings.Title = cmp.Or(settings.Title, draft.Channel.Name)
	shown := Page{Settings: settings, Action: "#"}
	if texts[draft.Language] != nil {
		shown.Language = draft.Language
	}
	var page strings.Builder
	if err := WritePage(&page, shown); err != nil {
		return "", fmt.Errorf("preview form: %w", err)
	}
	return page.String(), nil
}

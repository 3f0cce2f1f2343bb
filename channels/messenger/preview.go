package messenger

import (
	"cmp"
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

// Preview implements channels.Previewer: the greeting, and what follows from the
// first message (M5), the question for consent included (M8).
func (*Channel) Preview(draft channels.Draft, _ channels.Site) (string, error) {
	settings, err := ReadSettings(draft.Channel.Settings)
	if err != nil {
		return "", err
	}
	name := cmp.Or(draft.Page, draft.Channel.Name)
	var page strings.Builder
	err = preview.Execute(&page, struct {
		Page, Initial, Greeting, Consent, Agree string
		Said                                    []inbox.ChatflowLine
	}{
		Page: name, Initial: string([]rune(name)[:1]), Greeting: draft.Greeting, Consent: consentShown(settings.Consent),
		Agree: agreeShown(settings.Consent), Said: draft.Said,
	})
	if err != nil {
		return "", fmt.Errorf("preview Messenger: %w", err)
	}
	return page.String(), nil
}

func consentShown(consent channels.ConsentSettings) string {
	if consent.Mode == inbox.ConsentNone {
		return ""
	}
	return consent.Text
}

func agreeShown(consent channels.ConsentSettings) string {
	if consent.Mode != inbox.ConsentExplicit {
		return ""
	}
	return consent.Button
}

package email

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
	previewPage = template.Must(template.New("preview.html").Parse(previewHTML))
)

// Preview implements channels.Previewer: an answer as a contact would get it
// from a sample agent, with From name and signature (E6).
func (c *Channel) Preview(draft channels.Draft, site channels.Site) (string, error) {
	m, err := c.compose(channels.Outgoing{
		Account:      inbox.Account{Name: site.Company},
		Channel:      draft.Channel,
		Conversation: inbox.Conversation{Subject: "Your question", ReplyTo: "customer@example.com"},
		Agent:        inbox.Agent{Name: "Ann Example"},
		Message: inbox.Message{
			Text:   "Hello,\n\nthis is what an answer looks like.",
			Author: inbox.Author{Kind: inbox.AuthorAgent},
		},
	})
	if err != nil {
		return "", fmt.Errorf("preview e-mail: %w", err)
	}
	var page strings.Builder
	err = previewPage.Execute(&page, struct {
		Subject, FromName, From string
		Body                    template.HTML
	}{m.Subject, m.FromName, m.From, template.HTML(cmp.Or(m.HTML, textAsHTML(m.Text)))}) //nolint:gosec // sanitised when it was saved
	if err != nil {
		return "", fmt.Errorf("preview e-mail: %w", err)
	}
	return page.String(), nil
}

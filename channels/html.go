package channels

import (
	"fmt"

	"github.com/inbucket/html2text"
	"github.com/microcosm-cc/bluemonday"
)

// safe keeps formatting, lists, tables, links and pictures; scripts, styles,
// forms and frames go. Links get rel="nofollow".
var safe = bluemonday.UGCPolicy()

// SafeHTML returns HTML that may be shown to contacts and agents.
func SafeHTML(html string) string { return safe.Sanitize(html) }

// PlainText is what HTML says without its formatting: links keep their address.
func PlainText(html string) (string, error) {
	text, err := html2text.FromString(html)
	if err != nil {
		return "", fmt.Errorf("read HTML as text: %w", err)
	}
	return text, nil
}

package channels

import "github.com/microcosm-cc/bluemonday"

// safe keeps formatting, lists, tables, links and pictures; scripts, styles,
// forms and frames go. Links get rel="nofollow".
var safe = bluemonday.UGCPolicy()

// SafeHTML returns HTML that may be shown to contacts and agents.
func SafeHTML(html string) string { return safe.Sanitize(html) }

package chat

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

var (
	//go:embed preview.html
	previewHTML string

	preview = template.Must(template.New("preview").Parse(previewHTML))
)

// Preview is a page of some website with the real widget on it, for a frame (C9).
// The script frame.js of web stands in for the server, so that nothing that is done
// in the frame leaves it.
type Preview struct {
	ChannelID string `json:"-"`
	Widget    Widget `json:"widget"`
	// Open opens the chat at once, Dark shows it to somebody who likes it dark.
	Open bool `json:"open"`
	Dark bool `json:"dark"`
	// Said is what a chatflow says to the first message, by the payload of the
	// pressed button; "" is whatever else is written.
	Said map[string][]WidgetOpening `json:"said"`
	// Note says why there is nothing to see.
	Note string `json:"-"`
}

// Page returns the page.
func (p Preview) Page() (string, error) {
	var page strings.Builder
	if err := preview.Execute(&page, p); err != nil {
		return "", fmt.Errorf("preview chat: %w", err)
	}
	return page.String(), nil
}

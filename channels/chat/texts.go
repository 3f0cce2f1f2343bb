package chat

import (
	"embed"

	"switchboard/channels"
)

// Names of texts the server uses itself; the widget uses the others.
const (
	textAway       = "away"
	textOutside    = "outside_hours"
	textReturns    = "returns_at"
	textTitle      = "title"
	textReplyAfter = "reply_time_"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are the widget's own words (C12).
var texts = channels.ReadWords(textFiles)

// Languages are the languages the widget speaks.
func Languages() []string { return texts.Languages() }

package channels

import "switchboard/inbox"

// Embedder is a kind that is pasted into websites (C1, F1).
type Embedder interface {
	// Embed returns what to paste; site is where the channel is reached.
	Embed(channel inbox.Channel, site Site) (Embed, error)
}

// Previewer is a kind whose settings can be looked at (C9, E6, M5).
type Previewer interface {
	// Preview returns a complete HTML page of what people outside see, for a
	// sandboxed frame of any width, without scripts.
	Preview(draft Draft, site Site) (string, error)
}

// Draft is a channel as it would be saved.
type Draft struct {
	Channel inbox.Channel
	// Page is the name of the Facebook page it is connected to, "" for none.
	Page string
	// Language is one to show it in; "" is that of its settings.
	Language string
	// Greeting is what its chatflow shows before somebody writes, Said what follows
	// from the first message; a channel without an active chatflow has none.
	Greeting string
	Said     []inbox.ChatflowLine
}

// Site is what a page for people outside needs to know.
type Site struct {
	// URL is the server's public address, without a slash at the end.
	URL string
	// Company is the account's name.
	Company string
}

// Embed is what a website needs.
type Embed struct {
	// HTML is pasted into the page.
	HTML string
	// Instructions say where, ready to be mailed to a developer.
	Instructions string
}

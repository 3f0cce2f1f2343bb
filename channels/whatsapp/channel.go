// Package whatsapp is the WhatsApp channel, by way of Twilio (W1 to W4): its
// webhooks, its settings, the templates that WhatsApp approved, and answers that
// leave as text, file or template.
package whatsapp

import (
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// Channel is the WhatsApp kind. Its zero value checks settings; sending needs the
// rest.
type Channel struct {
	// Twilio makes our calls; nil is no account, and nothing leaves.
	Twilio *twilio.Client
	// StatusURL is where Twilio tells of a message; its id is added.
	StatusURL string
	// Media says where Twilio fetches our files.
	Media *twilio.Media
}

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindWhatsApp }

// addressPrefix begins how Twilio names a party on WhatsApp.
const addressPrefix = "whatsapp:"

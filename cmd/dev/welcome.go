package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"switchboard/inbox"
)

// info is dev.json: where things are, for people and for tests.
type info struct {
	APIURL          string `json:"api_url"`
	TemporalAddress string `json:"temporal_address"`
	TemporalUIURL   string `json:"temporal_ui_url"`
	SMTPAddress     string `json:"smtp_address"`
	MailURL         string `json:"mail_url"`
	// OutboxURL lists what would have gone to providers that are not connected.
	OutboxURL string        `json:"outbox_url"`
	Messenger messengerInfo `json:"messenger"`
	Twilio    twilioInfo    `json:"twilio"`
	demoData
}

// messengerInfo and twilioInfo say how to sign webhooks.
type messengerInfo struct {
	AppSecret   string `json:"app_secret"`
	VerifyToken string `json:"verify_token"`
	PageID      string `json:"page_id"`
}

type twilioInfo struct {
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	// PublicURL is what a webhook's signed address begins with.
	PublicURL string `json:"public_url"`
}

// pages are what the demo's pages know: nothing of the providers' secrets.
func (i info) pages() any {
	return map[string]any{
		"agents": i.Agents, "channels": i.Channels, "temporal_ui_url": i.TemporalUIURL, "mail_url": i.MailURL,
	}
}

// printWelcome prints where things are, one token and commands to try.
func printWelcome(out io.Writer, where info, log string) {
	fmt.Fprintln(out, "\nSwitchboard is up.")
	row := func(name, value, note string) {
		if note != "" {
			note = "   (" + note + ")"
		}
		fmt.Fprintf(out, "  %-14s %s%s\n", name, value, note)
	}
	fmt.Fprintln(out)
	if len(where.Channels) > 0 {
		row("Demo", where.APIURL+"/dev/", "a shop with a chat: you are the visitor")
		row("", where.APIURL+"/dev/agent", "and you are the agent, in a second window")
		row("", where.APIURL+"/dev/preview", "settings of the chat and of Messenger, previewed before they are published")
		fmt.Fprintln(out)
	}
	row("API", where.APIURL, "")
	row("Temporal", where.TemporalAddress, "")
	row("Temporal's UI", where.TemporalUIURL, "")
	row("Mail, sent", strings.TrimSuffix(where.MailURL, "mail"), "as JSON: "+where.MailURL)
	row("Mail, SMTP in", where.SMTPAddress, "")
	row("Outbox", where.OutboxURL, "what would have gone to Facebook and Twilio")
	row("Log", log, "")
	row("Token", where.Agents[0].Token, where.Agents[0].Name)
	for _, channel := range where.Channels {
		switch {
		case channel.Kind == inbox.KindForm:
			row("Form", where.APIURL+"/forms/"+channel.ID, "")
		case channel.Kind == inbox.KindChat:
			row("Chat", `<script async src="`+where.APIURL+"/chat/"+channel.ID+`/widget.js"></script>`, "for any web page")
		case channel.HostedAddress != "":
			row("E-mail", channel.HostedAddress, "")
		case channel.PageID != "":
			row("Messenger", "page "+channel.PageID, "")
		case channel.Kind == inbox.KindWhatsApp:
			row("WhatsApp", channel.Number, "")
		case channel.Kind == inbox.KindCall:
			row("Calls", channel.Number, "")
		}
	}
	if commands := where.commands(); len(commands) > 0 {
		fmt.Fprintln(out, "\nTry:")
		fmt.Fprintln(out, "  "+strings.ReplaceAll(strings.Join(commands, "\n\n"), "\n", "\n  "))
	}
	fmt.Fprintln(out, "\nCtrl-C stops; the data stays in "+filepath.Dir(log)+".")
}

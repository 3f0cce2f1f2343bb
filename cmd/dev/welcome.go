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
	demo
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

// printWelcome prints where things are, one token and commands to try.
func printWelcome(out io.Writer, where info, log string) {
	token := where.Agents[0].Token
	fmt.Fprintf(out, `
Switchboard is up.

  API            %s
  Temporal       %s
  Temporal's UI  %s
  Mail, sent     %s   (as JSON: %s)
  Mail, SMTP in  %s
  Outbox         %s   (what would have gone to Facebook and Twilio)
  Log            %s
  Token          %s   (%s)
`, where.APIURL, where.TemporalAddress, where.TemporalUIURL, strings.TrimSuffix(where.MailURL, "mail"), where.MailURL,
		where.SMTPAddress, where.OutboxURL, log, token, where.Agents[0].Name)
	var try []string
	for _, channel := range where.Channels {
		switch {
		case channel.Kind == inbox.KindForm:
			fmt.Fprintf(out, "  Form           %s/forms/%s\n", where.APIURL, channel.ID)
			try = append(try,
				`  curl -s `+where.APIURL+`/forms/`+channel.ID+`/submissions -H 'Content-Type: application/json' \`,
				`    -d '{"fields":{"name":"Grace","email":"grace@example.com","subject":"Broken lamp","message":"It flickers."}}'`, ``)
		case channel.HostedAddress != "":
			fmt.Fprintf(out, "  E-mail         %s\n", channel.HostedAddress)
			try = append(try,
				`  swaks --server `+where.SMTPAddress+` --from grace@example.com --to `+channel.HostedAddress+` \`,
				`    --header 'Subject: Broken lamp' --body 'It flickers.'`, ``)
		}
	}
	if len(try) > 0 {
		try = append(try,
			`  curl -s `+where.APIURL+`/api/v1/conversations -H 'Authorization: Bearer `+token+`'`, ``,
			`  curl -s `+where.APIURL+`/api/v1/conversations/CONVERSATION_ID/replies -H 'Authorization: Bearer `+token+`' \`,
			`    -H 'Content-Type: application/json' -d '{"text":"We send a new one."}'   # then look at `+where.MailURL)
		fmt.Fprintln(out, "\nTry:\n"+strings.Join(try, "\n"))
	}
	fmt.Fprintln(out, "\nCtrl-C stops; the data stays in "+filepath.Dir(log)+".")
}

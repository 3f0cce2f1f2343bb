package serve

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"switchboard/activities"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/oauth"
	"switchboard/config"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/mailboxes"
	"switchboard/secrets"
	"switchboard/store"
)

// mailboxesOf returns the mailboxes with what the configuration has for them.
func mailboxesOf(cfg config.Config, store *store.Store, log *slog.Logger) (*mailboxes.Service, error) {
	s := &mailboxes.Service{
		Store: store, GmailURL: cfg.Google.APIURL, GraphURL: cfg.Microsoft.GraphURL, Log: log, Now: now,
	}
	if strings.HasPrefix(cfg.PublicURL, "https://") { // Graph takes no other
		s.NotifyURL = cfg.PublicURL + "/webhooks/graph"
	}
	if cfg.SecretsKeyset != "" {
		var err error
		if s.Keys, err = secrets.Parse(strings.TrimSpace(cfg.SecretsKeyset)); err != nil {
			return nil, fmt.Errorf("SWITCHBOARD_SECRETS_KEYSET: %w", err)
		}
	}
	if cfg.Google.ClientID != "" {
		s.Google = oauth.Google(oauth.Application{
			ClientID: cfg.Google.ClientID, ClientSecret: cfg.Google.ClientSecret, RedirectURL: callback(cfg, inbox.ProviderGmail),
		}, oauth.GoogleURLs{Auth: cfg.Google.AuthURL, Token: cfg.Google.TokenURL, API: cfg.Google.APIURL})
	}
	if cfg.Microsoft.ClientID != "" {
		s.Microsoft = oauth.Microsoft(oauth.Application{
			ClientID: cfg.Microsoft.ClientID, ClientSecret: cfg.Microsoft.ClientSecret, RedirectURL: callback(cfg, inbox.ProviderOffice365),
		}, oauth.MicrosoftURLs{Login: cfg.Microsoft.LoginURL, Tenant: cfg.Microsoft.Tenant, API: cfg.Microsoft.GraphURL})
	}
	return s, nil
}

// callback is where a provider sends people back; it is registered there.
func callback(cfg config.Config, provider inbox.Provider) string {
	return cfg.PublicURL + "/oauth/" + string(provider) + "/callback"
}

// takeMail hands a mailbox's messages to the way in for mail.
func takeMail(mail *intake.Mail) activities.TakeMail {
	return func(ctx context.Context, channel inbox.Channel, message mailbox.Message) error {
		return mail.ReceiveMail(ctx, intake.Post{Channel: channel, Raw: message.Raw, ReceivedAt: message.ReceivedAt})
	}
}

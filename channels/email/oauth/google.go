package oauth

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"switchboard/channels/email/gmail"
	"switchboard/channels/email/mailbox/rest"
)

// Google's scopes
// (developers.google.com/workspace/gmail/api/auth/scopes): reading and sending,
// and not gmail.modify, which would also let us change and delete mail.
const (
	gmailRead = "https://www.googleapis.com/auth/gmail.readonly"
	gmailSend = "https://www.googleapis.com/auth/gmail.send"
)

// GoogleURLs are where Google is.
type GoogleURLs struct {
	// Auth is the consent page, Token where tokens come from, API Gmail's base
	// ("" is gmail.BaseURL).
	Auth, Token, API string
}

// Google returns the provider of Gmail mailboxes
// (developers.google.com/identity/protocols/oauth2/web-server).
func Google(app Application, urls GoogleURLs) *Provider {
	return &Provider{
		config: oauth2.Config{
			ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: app.RedirectURL,
			Scopes:   []string{"openid", "email", gmailRead, gmailSend},
			Endpoint: oauth2.Endpoint{AuthURL: urls.Auth, TokenURL: urls.Token, AuthStyle: oauth2.AuthStyleInParams},
		},
		// Google gives a refresh token only with a consent that was asked for anew.
		asking:        []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent select_account")},
		indispensable: []string{gmailRead, gmailSend},
		address: func(ctx context.Context, client *http.Client) (string, error) {
			var profile struct{ EmailAddress string }
			err := read(ctx, client, urls.API, gmail.BaseURL, "/gmail/v1/users/me/profile", &profile)
			return profile.EmailAddress, err
		},
	}
}

// read gets JSON from below a provider's base.
func read(ctx context.Context, client *http.Client, base, otherwise, path string, into any) error {
	if base == "" {
		base = otherwise
	}
	api, err := rest.New(base, client)
	if err != nil {
		return fmt.Errorf("prepare the call: %w", err)
	}
	return api.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path}, into)
}

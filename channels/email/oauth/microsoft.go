package oauth

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// GraphURL is where Microsoft runs Graph.
const GraphURL = "https://graph.microsoft.com/v1.0"

// MicrosoftURLs are where Microsoft is.
type MicrosoftURLs struct {
	// Login is Entra's base, which differs between clouds; Tenant is a directory's
	// id or domain, or "organizations" for those of all companies.
	Login, Tenant string
	// API is Graph's base; "" is GraphURL.
	API string
}

// Microsoft returns the provider of Office 365 mailboxes
// (learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow). Replies
// are made as drafts and sent, which is why Mail.ReadWrite is needed.
func Microsoft(app Application, urls MicrosoftURLs) *Provider {
	login := strings.TrimSuffix(urls.Login, "/")
	if urls.Tenant != "" {
		login += "/" + url.PathEscape(urls.Tenant)
	}
	return &Provider{
		config: oauth2.Config{
			ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: app.RedirectURL,
			Scopes: []string{"openid", "email", "offline_access", "User.Read", "Mail.ReadWrite", "Mail.Send"},
			Endpoint: oauth2.Endpoint{
				AuthURL: login + "/oauth2/v2.0/authorize", TokenURL: login + "/oauth2/v2.0/token", AuthStyle: oauth2.AuthStyleInParams,
			},
		},
		asking: []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "select_account")},
		address: func(ctx context.Context, client *http.Client) (string, error) {
			// learn.microsoft.com/graph/api/user-get: mail is empty without a mailbox
			// of Exchange, and may be missing where a licence is new.
			var user struct{ Mail, UserPrincipalName string }
			err := read(ctx, client, urls.API, GraphURL, "/me", &user)
			return cmp.Or(user.Mail, user.UserPrincipalName), err
		},
	}
}

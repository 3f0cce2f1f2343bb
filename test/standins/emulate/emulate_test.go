package emulate_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"switchboard/test/standins/emulate"
)

const callback = "https://switchboard.example/oauth/callback"

func TestBothConsentFlowsEndInTokensThatRefresh(t *testing.T) {
	t.Parallel()
	for service, paths := range map[string]struct{ authorize, token string }{
		"google":    {"/o/oauth2/v2/auth", "/oauth2/token"},
		"microsoft": {"/oauth2/v2.0/authorize", "/oauth2/v2.0/token"},
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			server := emulate.Start(t, service, map[string]any{
				"users":         []any{map[string]any{"email": "team@example.com", "name": "Team"}},
				"oauth_clients": []any{map[string]any{"client_id": "switchboard", "client_secret": "secret", "redirect_uris": []string{callback}}},
			})
			config := oauth2.Config{
				ClientID: "switchboard", ClientSecret: "secret", RedirectURL: callback,
				Scopes:   []string{"openid", "offline_access"},
				Endpoint: oauth2.Endpoint{AuthURL: server.URL + paths.authorize, TokenURL: server.URL + paths.token},
			}
			verifier := oauth2.GenerateVerifier()
			back, err := url.Parse(server.Consent(t, config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)), "team@example.com"))
			require.NoError(t, err)
			require.Equal(t, "a state", back.Query().Get("state"))
			token, err := config.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
			require.NoError(t, err)

			refreshed, err := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			require.NoError(t, err)
			require.NotEqual(t, token.AccessToken, refreshed.AccessToken)
		})
	}
}

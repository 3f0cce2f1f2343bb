package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/test/standins/emulate"
)

const callback = "https://desk.example.com/oauth/callback"

var application = oauth.Application{ClientID: "switchboard", ClientSecret: "secret", RedirectURL: callback}

// standin is a provider as emulate plays it.
type standin struct {
	*emulate.Server
	*oauth.Provider
}

// forEachProvider runs a test in parallel against each provider's stand-in.
func forEachProvider(t *testing.T, test func(*testing.T, standin)) {
	t.Helper()
	for service, provider := range map[string]func(url string) *oauth.Provider{
		"google": func(url string) *oauth.Provider {
			return oauth.Google(application, oauth.GoogleURLs{Auth: url + "/o/oauth2/v2/auth", Token: url + "/oauth2/token", API: url})
		},
		"microsoft": func(url string) *oauth.Provider {
			return oauth.Microsoft(application, oauth.MicrosoftURLs{Login: url, API: url + "/v1.0"})
		},
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			server := emulate.Start(t, service, map[string]any{
				"users":         []any{map[string]any{"email": "Support@company.test", "name": "Support"}},
				"oauth_clients": []any{map[string]any{"client_id": "switchboard", "client_secret": "secret", "redirect_uris": []string{callback}}},
			})
			test(t, standin{server, provider(server.URL)})
		})
	}
}

// consents agrees on the consent page and returns what the callback is told.
func (s standin) consents(t *testing.T, verifier string) url.Values {
	t.Helper()
	back, err := url.Parse(s.Consent(t, s.ConsentURL("the state", verifier), "Support@company.test"))
	require.NoError(t, err)
	return back.Query()
}

func TestAConsentOpensAMailbox(t *testing.T) {
	t.Parallel()
	forEachProvider(t, func(t *testing.T, provider standin) {
		verifier := oauth.NewVerifier()
		told := provider.consents(t, verifier)
		require.Equal(t, "the state", told.Get("state"))
		token, err := provider.Exchange(t.Context(), told.Get("code"), verifier)
		require.NoError(t, err)
		address, err := provider.Address(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, "support@company.test", address)
		fresh, err := provider.Refresh(t.Context(), token)
		require.NoError(t, err)
		require.NotEqual(t, token.AccessToken, fresh.AccessToken)
		require.NotEmpty(t, fresh.RefreshToken)
	})
}

func TestACodeIsWorthNothingToOthers(t *testing.T) {
	t.Parallel()
	forEachProvider(t, func(t *testing.T, provider standin) {
		told := provider.consents(t, oauth.NewVerifier())
		_, err := provider.Exchange(t.Context(), told.Get("code"), oauth.NewVerifier())
		require.Equal(t, inbox.CodeLoginRejected, inbox.CodeOf(err))
		_, err = provider.Exchange(t.Context(), "made up", oauth.NewVerifier())
		require.Equal(t, inbox.CodeLoginRejected, inbox.CodeOf(err))
	})
}

func TestAPermissionThatWasTakenBackNeedsAPerson(t *testing.T) {
	t.Parallel()
	forEachProvider(t, func(t *testing.T, provider standin) {
		_, err := provider.Refresh(t.Context(), &oauth2.Token{RefreshToken: "revoked"})
		require.ErrorIs(t, err, mailbox.ErrRejected)
	})
}

// answering is Google with an answer to every request for a token.
func answering(t *testing.T, status int, body string) *oauth.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return oauth.Google(application, oauth.GoogleURLs{Auth: server.URL, Token: server.URL, API: server.URL})
}

func TestHalfAConsentIsRefused(t *testing.T) {
	t.Parallel()
	both := "openid https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send"
	for name, body := range map[string]string{
		"sending was left out": `{"access_token":"a","refresh_token":"r","scope":"` + strings.TrimSuffix(both, " https://www.googleapis.com/auth/gmail.send") + `"}`,
		"nothing lasts":        `{"access_token":"a","scope":"` + both + `"}`,
	} {
		_, err := answering(t, http.StatusOK, body).Exchange(t.Context(), "code", "verifier")
		require.Equal(t, inbox.CodeLoginRejected, inbox.CodeOf(err), name)
	}
}

func TestOtherFailuresMayPassAndNameNobody(t *testing.T) {
	t.Parallel()
	for _, provider := range []*oauth.Provider{
		answering(t, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"no ada@company.test"}`),
		answering(t, http.StatusBadGateway, `ada@company.test`),
		answering(t, http.StatusBadRequest, `{"error":"ada@company.test"}`),
		answering(t, http.StatusOK, `{}`),
	} {
		_, err := provider.Refresh(t.Context(), &oauth2.Token{RefreshToken: "r"})
		require.Error(t, err)
		require.NotErrorIs(t, err, mailbox.ErrRejected)
		require.NotContains(t, err.Error(), "ada@")
	}
}

func TestTheConsentPageIsAskedForWhatWeNeedAndNoMore(t *testing.T) {
	t.Parallel()
	for _, provider := range []struct {
		*oauth.Provider
		scopes string
		more   map[string]string
	}{
		{oauth.Google(application, oauth.GoogleURLs{Auth: "https://a.test"}),
			"openid email https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send",
			map[string]string{"access_type": "offline"}},
		{oauth.Microsoft(application, oauth.MicrosoftURLs{Login: "https://a.test", Tenant: "organizations"}),
			"openid email offline_access User.Read Mail.ReadWrite Mail.Send", nil},
	} {
		page, err := url.Parse(provider.ConsentURL("s", oauth.NewVerifier()))
		require.NoError(t, err)
		query := page.Query()
		require.Equal(t, provider.scopes, query.Get("scope"))
		require.Equal(t, "S256", query.Get("code_challenge_method"))
		require.Equal(t, callback, query.Get("redirect_uri"))
		for name, value := range provider.more {
			require.Equal(t, value, query.Get(name))
		}
	}
}

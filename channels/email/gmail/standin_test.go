package gmail_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"switchboard/channels/email/gmail"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/mailboxtest"
	"switchboard/test/standins/emulate"
)

const (
	address  = "team@example.com"
	callback = "https://switchboard.example/oauth/callback"
)

// account is an account of the stand-in that was connected by OAuth.
type account struct {
	server *emulate.Server
	config oauth2.Config
	token  *oauth2.Token
}

func connect(t *testing.T) *account {
	t.Helper()
	server := emulate.Start(t, "google", map[string]any{
		"users":         []any{map[string]any{"email": address, "name": "Team"}},
		"oauth_clients": []any{map[string]any{"client_id": "switchboard", "client_secret": "secret", "redirect_uris": []string{callback}}},
	})
	a := &account{server: server, config: oauth2.Config{
		ClientID: "switchboard", ClientSecret: "secret", RedirectURL: callback,
		Endpoint: oauth2.Endpoint{AuthURL: server.URL + "/o/oauth2/v2/auth", TokenURL: server.URL + "/oauth2/token"},
	}}
	back, err := url.Parse(server.Consent(t, a.config.AuthCodeURL("state"), address))
	require.NoError(t, err)
	a.token, err = a.config.Exchange(t.Context(), back.Query().Get("code"))
	require.NoError(t, err)
	return a
}

// client returns a client whose access token has to be refreshed first.
func (a *account) client(t *testing.T) *gmail.Client {
	t.Helper()
	client, err := gmail.New(a.server.URL, a.config.Client(t.Context(), &oauth2.Token{RefreshToken: a.token.RefreshToken}))
	require.NoError(t, err)
	return client
}

// call does something to the account behind the client's back.
func (a *account) call(t *testing.T, method, path string, body, into any) {
	t.Helper()
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(t, err)
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, a.server.URL+path, content)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	a.token.SetAuthHeader(request)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Less(t, answer.StatusCode, 300)
	if into != nil {
		require.NoError(t, json.NewDecoder(answer.Body).Decode(into))
	}
}

type stored struct{ ID, ThreadID string }

func (a *account) deliver(t *testing.T, raw []byte, labels ...string) (m stored) {
	t.Helper()
	a.call(t, http.MethodPost, "/gmail/v1/users/me/messages", map[string]any{
		"raw": base64.RawURLEncoding.EncodeToString(raw), "labelIds": labels,
		"internalDate": fmt.Sprint(time.Now().UnixMilli()),
	}, &m)
	return m
}

func (a *account) relabel(t *testing.T, id string, add, remove []string) {
	t.Helper()
	a.call(t, http.MethodPost, "/gmail/v1/users/me/messages/"+id+"/modify",
		map[string]any{"addLabelIds": add, "removeLabelIds": remove}, nil)
}

func (a *account) find(t *testing.T, messageID string) stored {
	t.Helper()
	var found struct{ Messages []stored }
	a.call(t, http.MethodGet, "/gmail/v1/users/me/messages?q=rfc822msgid:"+url.QueryEscape(messageID), nil, &found)
	require.Len(t, found.Messages, 1)
	return found.Messages[0]
}

// googleError answers as Google words errors.
func googleError(w http.ResponseWriter, status int, reason string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":{"code":%d,"message":"about team@example.com","errors":[{"domain":"global","reason":%q}]}}`, status, reason)
}

// expire answers every cursor from before with 404, which the stand-in does not
// do by itself.
func (a *account) expire(t *testing.T) {
	t.Helper()
	var profile struct{ HistoryID string }
	a.call(t, http.MethodGet, "/gmail/v1/users/me/profile", nil, &profile)
	a.server.Intercept(func(w http.ResponseWriter, r *http.Request, standin http.Handler) {
		// The stand-in's ids are of one length.
		if strings.HasSuffix(r.URL.Path, "/history") && r.URL.Query().Get("startHistoryId") < profile.HistoryID {
			googleError(w, http.StatusNotFound, "notFound")
			return
		}
		standin.ServeHTTP(w, r)
	})
}

// revoke takes the grant back, as a person does in the account's settings.
func (a *account) revoke(t *testing.T) {
	t.Helper()
	answer, err := http.PostForm(a.server.URL+"/oauth2/revoke", url.Values{"token": {a.token.RefreshToken}})
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}

// once answers the next request whose path ends so.
func (a *account) once(suffix string, f emulate.Interceptor) {
	a.server.Intercept(func(w http.ResponseWriter, r *http.Request, standin http.Handler) {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			standin.ServeHTTP(w, r)
			return
		}
		a.server.Intercept(nil)
		f(w, r, standin)
	})
}

// sent lists what the account sent.
func (a *account) sent(t *testing.T) []mailboxtest.Left {
	t.Helper()
	var list struct{ Messages []stored }
	a.call(t, http.MethodGet, "/gmail/v1/users/me/messages?labelIds=SENT", nil, &list)
	var left []mailboxtest.Left
	for _, m := range list.Messages {
		var full struct{ Raw string }
		a.call(t, http.MethodGet, "/gmail/v1/users/me/messages/"+m.ID+"?format=raw", nil, &full)
		raw, err := base64.RawURLEncoding.DecodeString(full.Raw)
		require.NoError(t, err)
		left = append(left, mailboxtest.Left{Raw: raw, Thread: m.ThreadID})
	}
	return left
}

func ids(batch mailbox.Batch) []string {
	var found []string
	for _, m := range batch.Messages {
		found = append(found, m.ID)
	}
	return found
}

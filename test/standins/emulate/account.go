package emulate

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"switchboard/channels/email/oauth"
)

// Seed is a service with one application and one account.
func Seed(application oauth.Application, email string) map[string]any {
	return map[string]any{
		"users": []any{map[string]any{"email": email, "name": "Support"}},
		"oauth_clients": []any{map[string]any{
			"client_id": application.ClientID, "client_secret": application.ClientSecret,
			"redirect_uris": []string{application.RedirectURL},
		}},
	}
}

// Account is a Gmail account in its owner's hands.
type Account struct {
	t      testing.TB
	base   string
	client *http.Client
}

// Account lets its owner into a Gmail account with a token of his own.
func (s *Server) Account(t testing.TB, application oauth.Application, email string) Account {
	t.Helper()
	config := oauth2.Config{
		ClientID: application.ClientID, ClientSecret: application.ClientSecret, RedirectURL: application.RedirectURL,
		Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/o/oauth2/v2/auth", TokenURL: s.URL + "/oauth2/token"},
	}
	back, err := url.Parse(s.Consent(t, config.AuthCodeURL("state"), email))
	if err != nil {
		t.Fatalf("consent as the account's owner: %v", err)
	}
	token, err := config.Exchange(t.Context(), back.Query().Get("code"))
	if err != nil {
		t.Fatalf("consent as the account's owner: %v", err)
	}
	return Account{t: t, base: s.URL + gmailPath + "/messages", client: config.Client(context.WithoutCancel(t.Context()), token)}
}

// Deliver puts a message into the inbox as if it had come, and returns its id.
func (a Account) Deliver(raw []byte) string {
	a.t.Helper()
	body, err := json.Marshal(map[string]any{
		"raw": base64.RawURLEncoding.EncodeToString(raw), "labelIds": []string{"INBOX", "UNREAD"},
		"internalDate": fmt.Sprint(time.Now().UnixMilli()),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := a.client.Post(a.base, "application/json", bytes.NewReader(body))
	var delivered struct{ ID string }
	a.decode(response, err, &delivered)
	return delivered.ID
}

// Left are the messages that were sent, in order.
func (a Account) Left() (left [][]byte) {
	a.t.Helper()
	var listed struct{ Messages []struct{ ID string } }
	response, err := a.client.Get(a.base + "?labelIds=SENT")
	a.decode(response, err, &listed)
	for _, m := range listed.Messages {
		var whole struct{ Raw string }
		response, err := a.client.Get(a.base + "/" + m.ID + "?format=raw")
		a.decode(response, err, &whole)
		raw, err := base64.RawURLEncoding.DecodeString(whole.Raw)
		if err != nil {
			a.t.Fatalf("read a sent message: %v", err)
		}
		left = append(left, raw)
	}
	return left
}

func (a Account) decode(response *http.Response, err error, into any) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(body, into) != nil {
		a.t.Fatalf("the stand-in answered %s, %v: %s", response.Status, err, body)
	}
}

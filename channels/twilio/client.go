// Package twilio is what WhatsApp and calls have in common: Twilio's signature
// and Twilio's REST API in one account's name, with one table of its errors.
package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	content "github.com/twilio/twilio-go/rest/content/v1"

	"switchboard/channels/remote"
)

// callTimeout bounds one request with its answer.
const callTimeout = 30 * time.Second

// Client makes calls in one account's name. It is safe for concurrent use.
type Client struct {
	accountSID, authToken string
	base                  *url.URL
	transport             http.RoundTripper
	files                 *remote.Fetcher
	spreads               []time.Duration
}

// New returns a client for the account. apiURL is the base of every call; "" is
// Twilio.
func New(accountSID, authToken, apiURL string) (*Client, error) {
	c := &Client{accountSID: accountSID, authToken: authToken, transport: http.DefaultTransport, files: newFiles(apiURL), spreads: slices.Clone(spreads)}
	if apiURL == "" {
		return c, nil
	}
	base, err := url.Parse(apiURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the base of Twilio's API is not an http address: %w", err)
	}
	c.base = base
	return c, nil
}

// AccountSID names the account.
func (c *Client) AccountSID() string { return c.accountSID }

// API returns Twilio's API for calls that end with the context. Their errors are
// for Failed.
func (c *Client) API(ctx context.Context) *api.ApiService {
	return api.NewApiService(c.handler(ctx))
}

// Content returns Twilio's API of message templates, as API does.
func (c *Client) Content(ctx context.Context) *content.ApiService {
	return content.NewApiService(c.handler(ctx))
}

// handler is made for each call, since the library's calls take no context.
func (c *Client) handler(ctx context.Context) *client.RequestHandler {
	calls := &client.Client{
		Credentials: client.NewCredentials(c.accountSID, c.authToken),
		HTTPClient: &http.Client{
			Transport:     &exchange{ctx: ctx, base: c.base, next: c.transport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	calls.SetAccountSid(c.accountSID)
	return &client.RequestHandler{Client: calls}
}

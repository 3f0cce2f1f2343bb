// Package gmail reads and sends a Gmail mailbox's mail through Gmail's REST API
// (developers.google.com/workspace/gmail/api/reference/rest). It needs the
// scope gmail.modify, or gmail.readonly and gmail.send.
package gmail

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

// BaseURL is where Google runs the API.
const BaseURL = "https://gmail.googleapis.com"

// answerLimit is more than a message at Gmail's limits takes in base64.
const answerLimit = 100 << 20

var (
	_ mailbox.Client = (*Client)(nil)
	_ mailbox.Sender = (*Client)(nil)
)

// Client is the mailbox of the account that the HTTP client's tokens are for.
type Client struct{ api *rest.API }

// New returns a client of the API at baseURL, "" for BaseURL. The HTTP client
// adds the authorisation.
func New(baseURL string, client *http.Client) (*Client, error) {
	api, err := rest.New(cmp.Or(baseURL, BaseURL), client)
	if err != nil {
		return nil, err
	}
	return &Client{api: api}, nil
}

// Close ends idle connections.
func (c *Client) Close() error { return c.api.Close() }

const mailboxPath = "/gmail/v1/users/me"

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.api.JSON(ctx, rest.Request{
		Method: http.MethodGet, Path: mailboxPath + path, Query: query, Limit: answerLimit,
	}, into)
}

// historyID is the mailbox's newest history record.
func (c *Client) historyID(ctx context.Context) (string, error) {
	var profile struct{ HistoryID string }
	err := c.get(ctx, "/profile", nil, &profile)
	return profile.HistoryID, err
}

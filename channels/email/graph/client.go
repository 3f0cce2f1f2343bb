// Package graph reads and sends an Office 365 mailbox's mail through Microsoft
// Graph (learn.microsoft.com/graph/api/resources/mail-api-overview). It needs
// the delegated permissions Mail.ReadWrite and Mail.Send. The From name is the
// mailbox's, whatever a message says (E4).
package graph

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

// BaseURL is where Microsoft runs the API.
const BaseURL = "https://graph.microsoft.com/v1.0"

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

// immutable asks for ids that stay when a message is moved or sent
// (learn.microsoft.com/graph/outlook-immutable-id).
const immutable = `IdType="ImmutableId"`

func prefer(more ...string) http.Header {
	return http.Header{"Prefer": {strings.Join(append([]string{immutable}, more...), ", ")}}
}

// message is the message resource in the parts that are asked for.
type message struct {
	ID                string
	InternetMessageID string
}

// find lists messages below a path that match a filter.
func (c *Client) find(ctx context.Context, path, filter string) ([]message, error) {
	var page struct{ Value []message }
	err := c.api.JSON(ctx, rest.Request{
		Method: http.MethodGet, Path: path, Header: prefer(),
		Query: url.Values{"$filter": {filter}, "$select": {"id,internetMessageId"}},
	}, &page)
	return page.Value, err
}

// quoted is a string in a filter (OData 4.01 URL conventions, 5.1.1.14.1).
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func messagePath(id string) string { return "/me/messages/" + url.PathEscape(id) }

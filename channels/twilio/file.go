package twilio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"switchboard/channels"
	"switchboard/channels/remote"
	"switchboard/inbox"
)

// host is Twilio's; files and the API are below it.
const host = "twilio.com"

// Fetch returns a file that Twilio keeps in the account: a recording, or what
// somebody sent. Our login goes to Twilio alone: an address elsewhere is refused.
// Errors are *channels.SendError, as remote.Fetcher's.
func (c *Client) Fetch(ctx context.Context, file inbox.RemoteFile) (channels.File, error) {
	address, err := url.Parse(file.URL)
	switch {
	case err == nil && isTwilios(address):
		if c.base != nil {
			file.URL = rebased(address, c.base).String()
		}
	case err == nil && c.base != nil && address.Scheme == c.base.Scheme && address.Host == c.base.Host:
	default:
		return channels.File{}, &channels.SendError{
			Code: inbox.CodeFileRefused, Outcome: channels.Final, Err: errors.New("the file is not at Twilio"),
		}
	}
	for _, wait := range c.spreads {
		fetched, err := c.fetch(ctx, file)
		if failure, ok := errors.AsType[*channels.SendError](err); !ok || failure.Outcome != channels.Final || failure.Code != inbox.CodeFileUnavailable {
			return fetched, err
		}
		select {
		case <-ctx.Done():
			return channels.File{}, &channels.SendError{Code: inbox.CodeFileUnavailable, Outcome: channels.Retry, Err: ctx.Err()}
		case <-time.After(wait):
		}
	}
	return c.fetch(ctx, file)
}

// spreads are how long to wait before a file that is not there is asked for again:
// a webhook may be faster than its file is everywhere at Twilio (Twilio's support,
// "Intermittent 404 Errors When Accessing Media URLs").
var spreads = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

func (c *Client) fetch(ctx context.Context, file inbox.RemoteFile) (channels.File, error) {
	return c.files.Fetch(ctx, file, func(request *http.Request) { request.SetBasicAuth(c.accountSID, c.authToken) })
}

func isTwilios(address *url.URL) bool {
	name := strings.ToLower(address.Hostname())
	return address.Scheme == "https" && (name == host || strings.HasSuffix(name, "."+host))
}

// newFiles returns what fetches files, from a stand-in at the base too.
func newFiles(base string) *remote.Fetcher {
	if base == "" {
		return remote.New(nil)
	}
	return remote.New([]string{base})
}

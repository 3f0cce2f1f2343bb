// Package rest is what mailbox clients of HTTP APIs have in common: answers of
// bounded size, and one reading of what went wrong.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// timeout bounds one request with its answer.
const timeout = 2 * time.Minute

// API is a provider's API for one mailbox.
type API struct {
	base   *url.URL
	client *http.Client
}

// New returns the API below base. The client carries the authorisation. It is
// not followed to other places: no provider redirects, and the token would go
// along.
func New(base string, client *http.Client) (*API, error) {
	parsed, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" {
		return nil, errors.New("base URL: not an http address")
	}
	staying := *client
	staying.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &API{base: parsed, client: &staying}, nil
}

// Close ends idle connections.
func (a *API) Close() error {
	a.client.CloseIdleConnections()
	return nil
}

// Request is one call.
type Request struct {
	Method string
	// Path is below the base and escaped.
	Path  string
	Query url.Values
	// Link is a whole address that the provider gave, instead of Path and Query.
	Link   string
	Header http.Header
	Body   []byte
	// Limit bounds the answer in bytes; zero is 1 MiB. A longer one is ErrTooLarge.
	Limit int64
}

// ErrTooLarge is an answer beyond its request's limit.
var ErrTooLarge = errors.New("the answer is larger")

// Do returns the body of a successful answer. Errors are *StatusError (which is
// mailbox.ErrRejected where that is meant), *mailbox.Throttled, or something
// that may pass; none names more than codes.
func (a *API) Do(ctx context.Context, r Request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	address, err := a.address(r)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, bytes.NewReader(r.Body))
	if err != nil {
		return nil, unaddressed(err)
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	answer, err := a.client.Do(request)
	if err != nil {
		return nil, Unanswered(err)
	}
	defer answer.Body.Close()
	limit := max(r.Limit, 1<<20)
	body, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w than %d bytes", ErrTooLarge, limit)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, refused(answer, body)
	}
	return body, nil
}

// JSON is Do for an answer in JSON; nil drops it.
func (a *API) JSON(ctx context.Context, r Request, into any) error {
	body, err := a.Do(ctx, r)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		// The error would quote the answer.
		return errors.New("the answer is not the JSON it should be")
	}
	return nil
}

// address returns where a request goes: below the base, also when the provider
// says elsewhere.
func (a *API) address(r Request) (string, error) {
	if r.Link == "" {
		address := a.base.String() + r.Path
		if len(r.Query) > 0 {
			address += "?" + r.Query.Encode()
		}
		return address, nil
	}
	link, err := url.Parse(r.Link)
	if err != nil {
		return "", unaddressed(err)
	}
	if link.Scheme != a.base.Scheme || link.Host != a.base.Host || !strings.HasPrefix(link.Path, a.base.Path+"/") {
		return "", errors.New("a link leads away from the provider")
	}
	return r.Link, nil
}

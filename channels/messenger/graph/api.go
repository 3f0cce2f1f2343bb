// Package graph calls Facebook's Graph API for pages
// (developers.facebook.com/docs/graph-api): with the proof that the caller knows
// our application's secret, and one reading of what went wrong.
package graph

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout bounds one call with its answer, uploadTimeout one with a file.
	timeout       = 30 * time.Second
	uploadTimeout = time.Minute
	// answerLimit is more than the longest answer, a page of pages, takes.
	answerLimit = 1 << 20
)

// API is the Graph API for one application.
type API struct {
	base   *url.URL
	secret string
	client *http.Client
}

// New returns the API below base, which ends with its version. It is not followed
// to other places: the token would go along.
func New(base, appSecret string) (*API, error) {
	parsed, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" {
		return nil, errors.New("base URL: not an http address")
	}
	return &API{base: parsed, secret: appSecret, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Call is one call.
type Call struct {
	Method string
	// Path is below the base, in parts that are escaped here.
	Path  []string
	Query url.Values
	// Token is the access token; "" is none.
	Token string
	// Body is sent as JSON; nil is none. Payload is sent as it is, as ContentType.
	Body        any
	Payload     []byte
	ContentType string
}

// ErrNotReached is a call that certainly did not reach Facebook.
var ErrNotReached = errors.New("facebook was not reached")

// Do reads a successful answer into a value. Errors are *Error when Facebook
// refused, ErrNotReached, or anything else when nobody knows what became of the
// call. None names people.
func (a *API) Do(ctx context.Context, call Call, into any) error {
	within := timeout
	if call.Payload != nil {
		within = uploadTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	request, err := a.request(ctx, call)
	if err != nil {
		return err
	}
	answer, err := a.client.Do(request)
	if err != nil {
		return unanswered(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit+1))
	switch {
	case err != nil:
		return fmt.Errorf("read Facebook's answer: %w", unaddressed(err))
	case len(body) > answerLimit:
		return errors.New("facebook's answer is too large")
	case answer.StatusCode/100 != 2:
		return refused(answer, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return errors.New("facebook's answer is not of the form it should have")
	}
	return nil
}

func (a *API) request(ctx context.Context, call Call) (*http.Request, error) {
	query := url.Values{}
	for name, values := range call.Query {
		query[name] = values
	}
	payload, contentType := call.Payload, call.ContentType
	if call.Body != nil {
		var err error
		if payload, err = json.Marshal(call.Body); err != nil {
			return nil, fmt.Errorf("write the call: %w", err)
		}
		contentType = "application/json"
	}
	if call.Token != "" {
		query.Set("appsecret_proof", Proof(a.secret, call.Token))
	}
	address := a.base.JoinPath(escaped(call.Path)...)
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, call.Method, address.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("prepare the call: %w", err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if call.Token != "" {
		// In the header it reaches no log of addresses.
		request.Header.Set("Authorization", "Bearer "+call.Token)
	}
	return request, nil
}

func escaped(parts []string) []string {
	all := make([]string, len(parts))
	for i, part := range parts {
		all[i] = url.PathEscape(part)
	}
	return all
}

// Proof shows that who uses a token knows the application's secret
// (developers.facebook.com/docs/graph-api/guides/secure-requests).
func Proof(appSecret, token string) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// unanswered reads the error of a call without an answer.
func unanswered(err error) error {
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "dial" {
		return fmt.Errorf("%w: %w", ErrNotReached, unaddressed(err))
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%w: %w", ErrNotReached, unaddressed(err))
	}
	return fmt.Errorf("facebook did not answer: %w", unaddressed(err))
}

// unaddressed takes the address off an error: it holds page-scoped ids.
func unaddressed(err error) error {
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		return addressed.Err
	}
	return err
}

package twilio

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

	"switchboard/channels"
)

// maxAnswer bounds an answer in bytes: a page of a thousand messages is less.
const maxAnswer = 8 << 20

// exchange makes the requests of one call: at the base, within the context and
// callTimeout, with answers of bounded size.
type exchange struct {
	ctx  context.Context
	base *url.URL
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper. An answer that is no success is an
// *Error.
func (e *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(e.ctx, callTimeout)
	defer cancel()
	request = request.Clone(ctx)
	if e.base != nil {
		request.URL = rebased(request.URL, e.base)
		request.Host = ""
	}
	answer, err := e.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, refused(answer, body)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// rebased is the address at another base.
func rebased(address, base *url.URL) *url.URL {
	moved := *address
	moved.Scheme, moved.Host = base.Scheme, base.Host
	moved.Path = strings.TrimSuffix(base.Path, "/") + address.Path
	moved.RawPath = ""
	return &moved
}

// Error is an answer of Twilio's that is no success. It names codes only: the
// answer's words may name numbers (B12).
type Error struct {
	// Status is HTTP's.
	Status int
	// Code is Twilio's (twilio.com/docs/api/errors); 0 is none.
	Code int
	// RetryAfter is Twilio's wish; zero is none.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	return fmt.Sprintf("Twilio answered %d with error %d", e.Status, e.Code)
}

// refused reads an unsuccessful answer.
func refused(answer *http.Response, body []byte) *Error {
	refusal := &Error{Status: answer.StatusCode, RetryAfter: channels.RetryAfter(answer.Header, time.Now())}
	var told struct{ Code int }
	if json.Unmarshal(body, &told) == nil {
		refusal.Code = told.Code
	}
	return refusal
}

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"switchboard/api/contract"
)

// client calls the API as one caller. What it sends as valid and whatever it is
// answered must fit the contract.
type client struct {
	base          string
	authorization string
}

// request is one call. invalid is set when it breaks the contract on purpose.
type request struct {
	method, path string
	contentType  string
	body         []byte
	header       http.Header
	invalid      bool
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// document is the contract, routes finds operations in it.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	for _, contentType := range []string{"text/html", "text/javascript", "text/xml", "audio/mpeg"} {
		openapi3filter.RegisterBodyDecoder(contentType, openapi3filter.FileBodyDecoder)
	}
	loaded, err := openapi3.NewLoader().LoadFromFile(moduleRoot + "/api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	return loaded, loaded.Validate(context.Background())
})

var routes = sync.OnceValues(func() (routers.Router, error) {
	loaded, err := document()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(loaded)
})

// web has connections enough for 16 callers at once, and follows no redirects:
// the contract has none.
var web = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// do makes one call. The error is the network's: nobody answered.
func (c client) do(t *testing.T, r request) (answer, error) {
	t.Helper()
	got, err := http.NewRequest(r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	c.prepare(got, r)
	held, err := hold(got, r)
	if err != nil {
		t.Errorf("%s %s: request breaks the contract: %v", r.method, r.path, err)
	}
	if got.Body, err = got.GetBody(); err != nil { // it was read
		return answer{}, err
	}
	response, err := web.Do(got)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, header: response.Header, body: body}
	if err := held.fits(a); err != nil {
		t.Errorf("%s %s: answer %d breaks the contract: %v\n%s", r.method, r.path, a.status, err, a.body)
	}
	return a, nil
}

func (c client) prepare(got *http.Request, r request) {
	for name, values := range r.header {
		got.Header[name] = values
	}
	if r.contentType != "" {
		got.Header.Set("Content-Type", r.contentType)
	}
	if c.authorization != "" {
		got.Header.Set("Authorization", c.authorization)
	}
}

// heldRequest is a request the answer is held against.
type heldRequest struct {
	input *openapi3filter.RequestValidationInput
}

// hold finds the operation and, unless the request is meant to break the
// contract, holds the request against it.
func hold(got *http.Request, r request) (heldRequest, error) {
	router, err := routes()
	if err != nil {
		return heldRequest{}, err
	}
	route, parameters, err := router.FindRoute(got)
	if err != nil {
		return heldRequest{}, err
	}
	held := heldRequest{&openapi3filter.RequestValidationInput{
		Request: got, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
		},
	}}
	if r.invalid {
		return held, nil
	}
	return held, openapi3filter.ValidateRequest(got.Context(), held.input)
}

// fits holds an answer against the contract.
func (h heldRequest) fits(a answer) error {
	if h.input == nil {
		return errors.New("no such operation")
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: h.input, Status: a.status, Header: a.header,
		Body: io.NopCloser(bytes.NewReader(a.body)), Options: h.input.Options,
	})
}

// decode reads the answer and insists that the contract names all of it.
func decode[T any](a answer) (value T, err error) {
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, fmt.Errorf("decode %T: %w\n%s", value, err, a.body)
	}
	return value, nil
}

// as decodes an answer that has to be one.
func as[T any](t *testing.T, a answer) T {
	t.Helper()
	value, err := decode[T](a)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// must makes a call that has to be answered with a status. It does as it is told when
// Temporal takes too long: it makes the call again.
func (c client) must(t *testing.T, status int, r request) (a answer) {
	t.Helper()
	eventually(t, func() (err error) {
		if a, err = c.do(t, r); err != nil {
			t.Fatalf("%s %s: %v", r.method, r.path, err)
		}
		if a.status == http.StatusServiceUnavailable && status != a.status {
			return fmt.Errorf("%s %s: %s", r.method, r.path, a.body)
		}
		return nil
	})
	if a.status != status {
		t.Fatalf("%s %s: answered %d, not %d:\n%s", r.method, r.path, a.status, status, a.body)
	}
	return a
}

// withJSON is a request with a JSON body; nil is no body.
func withJSON(method, path string, body any) request {
	r := request{method: method, path: path}
	if body == nil {
		return r
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // the test's own value
	}
	r.contentType, r.body = "application/json", encoded
	return r
}

func get[T any](t *testing.T, c client, path string) T {
	t.Helper()
	return as[T](t, c.must(t, http.StatusOK, withJSON(http.MethodGet, path, nil)))
}

// change makes a call that changes something.
func change[T any](t *testing.T, c client, status int, method, path string, body any) T {
	t.Helper()
	return as[T](t, c.must(t, status, withJSON(method, path, body)))
}

// refused makes a call that has to be refused and returns the problem.
func (c client) refused(t *testing.T, status int, r request) contract.Problem {
	t.Helper()
	r.invalid = true
	a := c.must(t, status, r)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s %s: refused as %s", r.method, r.path, got)
	}
	return as[contract.Problem](t, a)
}

// page is what all lists have in common.
type page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"`
	// Conversation is what a visitor's messages are of.
	Conversation *contract.ChatConversation `json:"conversation"`
}

// all reads a list to its end.
func all[T any](t *testing.T, c client, path string, parameters url.Values) []T {
	t.Helper()
	query := url.Values{"limit": {"200"}}
	for name, values := range parameters {
		query[name] = values
	}
	var items []T
	for {
		part := get[page[T]](t, c, path+"?"+query.Encode())
		items = append(items, part.Items...)
		if part.NextCursor == nil {
			return items
		}
		query.Set("cursor", *part.NextCursor)
	}
}

// plain gets a page outside the contract.
func plain(t *testing.T, address string) (status int, body string) {
	t.Helper()
	response, err := web.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

// at is the same caller at another process.
func (c client) at(base string) client { return client{base, c.authorization} }

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contract is openapi.yaml, validated.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	for _, mediaType := range []string{"text/html", "text/css", "text/xml", "text/javascript", "text/event-stream", "text/plain", "audio/mpeg"} {
		openapi3filter.RegisterBodyDecoder(mediaType, openapi3filter.PlainBodyDecoder)
	}
	return legacy.NewRouter(doc)
})

// exercised are the operations that answered with success, or, when that is all
// they can do, with a problem.
var exercised sync.Map

// unexercised are the contract's operations no test called successfully.
func unexercised() []string {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if _, ok := exercised.Load(operation.OperationID); !ok {
				missing = append(missing, operation.OperationID+": "+method+" "+path)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// everyTestRan is false when the command line chose among the tests.
func everyTestRan() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// response is an answer that fits the contract.
type response struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request that fits the contract and returns the answer, which has
// to fit it too. body is anything that becomes JSON; nil is no body.
func (w *world) call(t *testing.T, who person, method, path string, body any) response {
	t.Helper()
	return w.send(t, who.token, method, path, body, true)
}

// callBadly sends a request that breaks the contract.
func (w *world) callBadly(t *testing.T, who person, method, path string, body any) response {
	t.Helper()
	return w.send(t, who.token, method, path, body, false)
}

func (w *world) send(t *testing.T, token, method, path string, body any, fits bool) response {
	t.Helper()
	var payload io.Reader
	if raw, ok := body.(string); ok {
		payload = strings.NewReader(raw)
	} else if body != nil {
		payload = bytes.NewReader(must(json.Marshal(body))(t))
	}
	request := must(http.NewRequestWithContext(t.Context(), method, w.url+path, payload))(t)
	if payload != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return do(t, request, fits)
}

// unled is a client that goes nowhere it is led to.
var unled = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// do sends any request and holds it, when it is meant to fit, and the answer
// against the contract.
func do(t *testing.T, request *http.Request, fits bool) response {
	t.Helper()
	input := requestInput(t, request)
	if fits && input != nil {
		if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
			t.Fatalf("the test's request breaks the contract: %v", err)
		}
	}
	answer := must(unled.Do(request))(t)
	defer func() { _ = answer.Body.Close() }()
	got := response{t: t, status: answer.StatusCode, header: answer.Header, body: must(io.ReadAll(answer.Body))(t)}
	if input != nil {
		holdAnswer(t, input, got)
	}
	return got
}

// requestInput is nil when the contract does not know the request's route.
func requestInput(t *testing.T, request *http.Request) *openapi3filter.RequestValidationInput {
	t.Helper()
	// The contract's server is "/": it knows paths, not hosts.
	routed := request.Clone(context.Background())
	routed.URL = &url.URL{Path: request.URL.Path, RawQuery: request.URL.RawQuery}
	route, params, err := must(contract())(t).FindRoute(routed)
	if err != nil {
		return nil
	}
	return &openapi3filter.RequestValidationInput{
		Request: request, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
			SkipSettingDefaults:   true,
		},
	}
}

func holdAnswer(t *testing.T, input *openapi3filter.RequestValidationInput, got response) {
	t.Helper()
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: got.status, Header: got.header,
		Body: io.NopCloser(bytes.NewReader(got.body)), Options: input.Options,
	})
	if err != nil {
		t.Fatalf("%s %s: the answer %d breaks the contract: %v\n%s",
			input.Request.Method, input.Request.URL.Path, got.status, err, got.body)
	}
	operation := input.Route.Operation
	if got.status < 400 || operation.Responses.Status(http.StatusOK) == nil && operation.OperationID == "connectChannel" {
		exercised.Store(operation.OperationID, true)
	}
}

// want fails the test when the status is another.
func (r response) want(status int) response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// wantProblem fails the test when the answer is not this problem.
func (r response) wantProblem(status int, code, field string) object {
	r.t.Helper()
	r.want(status)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("content type %q", got)
	}
	problem := r.object()
	if problem["code"] != code || problem["status"] != float64(status) {
		r.t.Fatalf("problem %s, want %d %s", r.body, status, code)
	}
	if got, _ := problem["field"].(string); got != field {
		r.t.Fatalf("field %q, want %q: %s", got, field, r.body)
	}
	return problem
}

func (r response) object() object {
	r.t.Helper()
	return decodeJSON[object](r.t, r.body)
}

// ids are the ids of a list's items.
func (r response) ids() []string {
	r.t.Helper()
	page := decodeJSON[struct {
		Items []struct {
			ID any `json:"id"`
		} `json:"items"`
	}](r.t, r.body)
	ids := []string{}
	for _, item := range page.Items {
		id, _ := item.ID.(string)
		ids = append(ids, id)
	}
	return ids
}

// text is one member of the answered object.
func (r response) text(name string) string {
	r.t.Helper()
	value, ok := r.object()[name].(string)
	if !ok {
		r.t.Fatalf("%s is no text: %s", name, r.body)
	}
	return value
}

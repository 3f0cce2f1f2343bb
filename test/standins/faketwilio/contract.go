package faketwilio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// documents are Twilio's own OpenAPI documents, with the paths that we ask for.
var documents = map[string][]string{
	"twilio_api_v2010.json": {"/2010-04-01/Accounts/{AccountSid}/Messages.json", "/2010-04-01/Accounts/{AccountSid}/Calls.json",
		"/2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json"},
	"twilio_content_v1.json": {"/v1/ContentAndApprovals"},
}

// contractFile is one of the documents, or "" when it is not installed.
func contractFile(name string) string {
	_, source, _, _ := runtime.Caller(0)
	file := filepath.Join(filepath.Dir(source), "../node_modules/@twilio/cli-core/src/services/twilio-api", name)
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// installed reports whether all documents are.
func installed() bool {
	for name := range documents {
		if contractFile(name) == "" {
			return false
		}
	}
	return true
}

// contract is Twilio's, read once: what is at Twilio two hosts is one here.
var contract = sync.OnceValues(func() ([]routers.Router, error) {
	var all []routers.Router
	for name, paths := range documents {
		document, err := openapi3.NewLoader().LoadFromFile(contractFile(name))
		if err != nil {
			return nil, fmt.Errorf("load Twilio's contract: %w", err)
		}
		document.Servers = nil
		for path, item := range document.Paths.Map() {
			item.Servers = nil
			if !slices.Contains(paths, path) {
				document.Paths.Delete(path)
			}
		}
		router, err := gorillamux.NewRouter(document)
		if err != nil {
			return nil, fmt.Errorf("read Twilio's contract: %w", err)
		}
		all = append(all, router)
	}
	return all, nil
})

// find finds a request's operation in the contract.
func find(request *http.Request) (*routers.Route, map[string]string, error) {
	all, err := contract()
	if err != nil {
		return nil, nil, err
	}
	for _, router := range all {
		if route, params, err := router.FindRoute(request); err == nil {
			return route, params, nil
		}
	}
	return nil, nil, fmt.Errorf("%s %s is not in Twilio's contract", request.Method, request.URL.Path)
}

// fits holds a request, and the answer to it, against Twilio's contract. The
// contract lets everything else through: what it does not name is an error here.
func fits(request *http.Request, form url.Values, answer func() *http.Response) (*http.Response, error) {
	route, params, err := find(request)
	if err != nil {
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: params, QueryParams: request.URL.Query(), Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		return nil, fmt.Errorf("a request breaks Twilio's contract: %w", err)
	}
	if err := named(route.Operation, request.URL.Query(), form); err != nil {
		return nil, err
	}
	given := answer()
	body, err := io.ReadAll(given.Body)
	if err != nil {
		return nil, err
	}
	given.Body = io.NopCloser(bytes.NewReader(body))
	if given.StatusCode >= http.StatusMultipleChoices {
		return given, nil // the contract describes success alone
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: given.StatusCode, Header: given.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
	if err != nil {
		return nil, fmt.Errorf("the stand-in breaks Twilio's contract: %w", err)
	}
	return given, nil
}

// named refuses parameters that the contract does not have.
func named(operation *openapi3.Operation, query, form url.Values) error {
	for name := range query {
		if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("the contract has no query parameter %s", name)
		}
	}
	if operation.RequestBody == nil {
		return nil
	}
	schema := operation.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value
	for name := range form {
		if schema.Properties[name] == nil {
			return fmt.Errorf("the contract has no parameter %s", name)
		}
	}
	return nil
}

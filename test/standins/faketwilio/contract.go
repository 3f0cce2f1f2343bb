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
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contractFile is Twilio's own OpenAPI document of messages and calls, or "" when
// it is not installed.
func contractFile() string {
	_, source, _, _ := runtime.Caller(0)
	file := filepath.Join(filepath.Dir(source), "../node_modules/@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// contract is Twilio's document, read once.
var contract = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromFile(contractFile())
	if err != nil {
		return nil, fmt.Errorf("load Twilio's contract: %w", err)
	}
	document.Servers = nil
	for path, item := range document.Paths.Map() {
		item.Servers = nil // the document is Twilio's: here it is another host
		if path != "/2010-04-01/Accounts/{AccountSid}/Messages.json" && path != "/2010-04-01/Accounts/{AccountSid}/Calls.json" {
			document.Paths.Delete(path)
		}
	}
	return gorillamux.NewRouter(document)
})

// fits holds a request, and the answer to it, against Twilio's contract. The
// contract lets everything else through: what it does not name is an error here.
func fits(request *http.Request, form url.Values, answer func() *http.Response) (*http.Response, error) {
	router, err := contract()
	if err != nil {
		return nil, err
	}
	route, params, err := router.FindRoute(request)
	if err != nil {
		return nil, fmt.Errorf("%s %s is not in Twilio's contract: %w", request.Method, request.URL.Path, err)
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

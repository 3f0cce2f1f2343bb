package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"

	"switchboard/inbox"
)

// maxBody bounds an agent's request body: the longest answer in text and HTML.
// Files come on top, in base64.
const maxBody = 2 << 20

// checkRequest holds requests against the contract: parameters and JSON bodies
// with their names, types and ranges. Handlers behind it decode without checking
// again. The public half bounds its bodies itself and reads what is not JSON.
func checkRequest(c *gin.Context) {
	op, ok, err := operationOf(c)
	if err != nil {
		refuse(c, err)
		return
	}
	if !ok {
		return
	}
	query := c.Request.URL.Query()
	if err := storableQuery(query); err != nil {
		refuse(c, err)
		return
	}
	if op.role != everyone {
		// The public half's addresses are clicked with what others add to them.
		if err := knowsQuery(op, query); err != nil {
			refuse(c, err)
			return
		}
		most := int64(maxBody)
		if op.files {
			most += int64(base64.StdEncoding.EncodedLen(maxAttachments))
		}
		limitBody(c, most)
	}
	// What a browser's form posts has fields the contract does not name.
	posted := op.raw || c.ContentType() != gin.MIMEJSON && offers(op, c.ContentType())
	if !posted {
		// The validator would close a body it could not read to its end, and the server
		// would then take the rest for the connection's next request.
		raw, err := readBody(c)
		if err != nil {
			refuse(c, err)
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(raw))
	}
	pathParams := map[string]string{}
	for _, param := range c.Params {
		pathParams[param.Key] = param.Value
	}
	err = openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
		Request: c.Request, PathParams: pathParams, QueryParams: query, Route: op.route,
		Options: &openapi3filter.Options{
			ExcludeRequestBody:  posted,
			SkipSettingDefaults: true,
			KeepValidatedValue:  true,
		},
	})
	if err != nil {
		refuse(c, breach(err))
		return
	}
	if body, ok := c.Request.Body.(interface{ ValidatedValue() any }); ok {
		if path, found := findNUL(body.ValidatedValue()); found {
			refuse(c, inbox.Invalid(strings.Join(path, "."), "A text must not contain NUL."))
		}
	}
}

// knowsQuery refuses parameters that the operation does not have: a filter that is
// misspelt must not list everything.
func knowsQuery(op operation, query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if op.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return inbox.Invalid(name, "This page has no parameter of that name.")
		}
	}
	return nil
}

// storableQuery refuses what PostgreSQL cannot compare with: NUL, and what is no
// UTF-8.
func storableQuery(query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, text := range append([]string{name}, query[name]...) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return inbox.Invalid(strings.ToValidUTF8(name, "\uFFFD"), "A parameter must be UTF-8 and must not contain NUL.")
			}
		}
	}
	return nil
}

// offers reports whether the operation reads bodies of the media type.
func offers(op operation, mediaType string) bool {
	body := op.route.Operation.RequestBody
	return body != nil && body.Value.Content[mediaType] != nil
}

// findNUL looks for the character that PostgreSQL does not store.
func findNUL(value any) (path []string, found bool) {
	switch value := value.(type) {
	case string:
		return nil, strings.ContainsRune(value, 0)
	case []any:
		for i, item := range value {
			if path, found := findNUL(item); found {
				return append([]string{strconv.Itoa(i)}, path...), true
			}
		}
	case map[string]any:
		for name, item := range value {
			if strings.ContainsRune(name, 0) {
				return nil, true
			}
			if path, found := findNUL(item); found {
				return append([]string{name}, path...), true
			}
		}
	}
	return nil, false
}

// breach says which part of a request broke the contract, and how.
func breach(err error) error {
	request, ok := errors.AsType[*openapi3filter.RequestError](err)
	if !ok {
		return err
	}
	path, reason := fault(err)
	switch parameter := request.Parameter; {
	case parameter != nil && parameter.In == openapi3.ParameterInPath:
		return inbox.NotFound("thing")
	case parameter != nil:
		return inbox.Invalid(parameter.Name, "%s", reason)
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return inbox.Invalid("body", "The request needs a body.")
	case request.Err == nil:
		refusal := inbox.Errorf(inbox.CodeUnsupportedType, "The body's content type is not one this operation reads.")
		refusal.Remedy = "Send application/json."
		return refusal
	case len(path) == 0:
		return inbox.Invalid("body", "%s", reason)
	default:
		return inbox.Invalid(strings.Join(path, "."), "%s", reason)
	}
}

package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// maxBody bounds a request, files included; providers take less.
const maxBody = 50 << 20

// Provider is who a request is for.
type Provider string

// Providers that are replaced.
const (
	ProviderMessenger Provider = "messenger"
	ProviderTwilio    Provider = "twilio"
)

// Request is one request as it would have gone out, without its credentials.
type Request struct {
	At       time.Time      `json:"at"`
	Provider Provider       `json:"provider"`
	Method   string         `json:"method"`
	Path     string         `json:"path"`
	Query    map[string]any `json:"query"`
	// Body is what JSON or a form said; a file is its name, type and size.
	Body   map[string]any `json:"body"`
	Answer Answer         `json:"answer"`
}

// Answer is what the outbox said in the provider's place.
type Answer struct {
	Status int `json:"status"`
	Body   any `json:"body"`
}

// credentials are parameters that would open something; header fields are not
// kept at all.
var credentials = []string{"access_token", "appsecret_proof", "client_secret", "code", "fb_exchange_token", "input_token"}

// read reads a request to its end.
func read(provider Provider, r *http.Request) (Request, error) {
	body, err := readBody(r)
	if err != nil {
		return Request{}, fmt.Errorf("read body: %w", err)
	}
	request := Request{
		At: time.Now().UTC(), Provider: provider, Method: r.Method, Path: r.URL.Path,
		Query: fields(r.URL.Query()), Body: body,
	}
	for _, name := range credentials {
		delete(request.Query, name)
		delete(request.Body, name)
	}
	return request, nil
}

func readBody(r *http.Request) (map[string]any, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil || len(raw) == 0 {
		return map[string]any{}, err
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	switch mediaType {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		return fields(form), err
	case "multipart/form-data":
		return readParts(multipart.NewReader(bytes.NewReader(raw), parameters["boundary"]))
	}
	var body map[string]any
	err = json.Unmarshal(raw, &body)
	return body, err
}

func readParts(parts *multipart.Reader) (map[string]any, error) {
	form, err := parts.ReadForm(maxBody)
	if err != nil {
		return nil, err
	}
	body := fields(form.Value)
	for name, files := range form.File {
		for _, file := range files {
			body[name] = map[string]any{"name": file.Filename, "type": file.Header.Get("Content-Type"), "size": file.Size}
		}
	}
	return body, form.RemoveAll()
}

// fields are a form's values; a name that is given once has its value alone.
func fields(form url.Values) map[string]any {
	all := make(map[string]any, len(form))
	for name, values := range form {
		if len(values) > 1 {
			all[name] = slices.Clone(values)
			continue
		}
		all[name] = values[0]
	}
	return all
}

// text returns a field of a form; "" when it has none.
func (r Request) text(name string) string {
	value, _ := r.Body[name].(string)
	return value
}

// list returns the values of a form's field.
func (r Request) list(name string) []string {
	if values, several := r.Body[name].([]string); several {
		return values
	}
	if value := r.text(name); value != "" {
		return []string{value}
	}
	return nil
}

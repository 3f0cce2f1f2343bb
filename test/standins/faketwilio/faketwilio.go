// Package faketwilio is a stand-in for Twilio's API of messages, templates, calls and
// recordings. It holds every request, and its own answers, against Twilio's OpenAPI
// document, and can be told to fail, or to act and drop the connection. Without the
// installed document (make standins) tests are skipped, or fail when SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package faketwilio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/test/standins/daemon"
)

// The account of the stand-in.
const (
	AccountSID = "AC00000000000000000000000000000001"
	AuthToken  = "0123456789abcdef0123456789abcdef"
)

// Server is a running stand-in.
type Server struct {
	// URL is its base.
	URL string

	t       testing.TB
	mu      sync.Mutex
	sent    []Message
	fault   Fault
	clock   func() time.Time
	content []Content

	recordings map[string]Recording
	calls      []url.Values
}

// Content is a template of the account.
type Content struct {
	SID, Name, Language string
	// Status is WhatsApp's word about it, such as "approved" or "pending".
	Status string
	// Type is that which was submitted, such as "twilio/text", and Shape what it says.
	Type  string
	Shape map[string]any
}

// Message is what was sent.
type Message struct {
	SID     string
	Form    url.Values
	Body    string
	Created time.Time
}

// Fault is what goes wrong with a request.
type Fault struct {
	// Method is of the request that it waits for; "" is any. After is how many of them
	// go well before.
	Method string
	After  int
	// Status and Code refuse it; nothing is sent.
	Status, Code int
	// Drop acts, and then drops the connection without an answer.
	Drop bool
	// Then is called in between.
	Then func()
}

// Start runs a stand-in until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	daemon.Require(t, installed(), "Twilio's contract is not installed: run make standins")
	s := &Server{t: t, clock: time.Now, recordings: map[string]Recording{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Fail makes the next request fail.
func (s *Server) Fail(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Approve adds an approved template by its text.
func (s *Server) Approve(contentSID, body string) {
	s.Submit(Content{
		SID: contentSID, Name: "template", Language: "en", Status: "approved", Type: "twilio/text", Shape: map[string]any{"body": body},
	})
}

// Submit adds templates.
func (s *Server) Submit(contents ...Content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content = append(s.content, contents...)
}

// Sent are the messages that were sent, oldest first.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Send adds a message that somebody else sent to the same contact.
func (s *Server) Send(from, to, body string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keep(url.Values{"From": {from}, "To": {to}}, body).SID
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/Recordings/") && !strings.HasSuffix(r.URL.Path, ".json") {
		s.sound(w, r)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read a request to Twilio: %v", err)
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		s.t.Errorf("a body is no form: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	s.mu.Lock()
	defer s.mu.Unlock()
	var fault Fault
	switch {
	case s.fault.Method != "" && s.fault.Method != r.Method:
	case s.fault.After > 0:
		s.fault.After--
	default:
		fault, s.fault = s.fault, Fault{}
	}
	answer, err := fits(r, form, func() *http.Response { return s.answer(r, form, fault) })
	if err != nil {
		s.t.Error(err)
		answer = refusal(http.StatusBadRequest, 20001)
	}
	if fault.Then != nil {
		fault.Then()
	}
	if fault.Drop {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // the client's loss
}

func (s *Server) answer(r *http.Request, form url.Values, fault Fault) *http.Response {
	user, password, _ := r.BasicAuth()
	switch {
	case user != AccountSID || password != AuthToken:
		return refusal(http.StatusUnauthorized, 20003)
	case fault.Status != 0:
		return refusal(fault.Status, fault.Code)
	case r.URL.Path == "/v1/ContentAndApprovals":
		return s.contents(r.URL.Query())
	case !strings.Contains(r.URL.Path, "/"+AccountSID+"/"):
		return refusal(http.StatusUnauthorized, 20003)
	case strings.Contains(r.URL.Path, "/Recordings/"):
		return s.recording(r.URL)
	case strings.HasSuffix(r.URL.Path, "/Calls.json"):
		return s.call(form)
	case r.Method == http.MethodPost:
		return s.create(form)
	default:
		return s.list(r.URL.Query())
	}
}

// create refuses what Twilio does (twilio.com/docs/api/errors), and sends the rest.
func (s *Server) create(form url.Values) *http.Response {
	body := form.Get("Body")
	template, approved := s.approved(form.Get("ContentSid"))
	switch {
	case !strings.HasPrefix(form.Get("From"), "whatsapp:+"):
		return refusal(http.StatusBadRequest, 21212)
	case !strings.HasPrefix(form.Get("To"), "whatsapp:"):
		return refusal(http.StatusBadRequest, 21211)
	case form.Has("ContentSid") && body != "":
		s.t.Error("a template is sent without a body")
	case form.Has("ContentSid") && !approved:
		return refusal(http.StatusBadRequest, 21655)
	case form.Has("ContentSid"):
		var variables map[string]string
		if err := json.Unmarshal([]byte(form.Get("ContentVariables")), &variables); form.Has("ContentVariables") && err != nil {
			return refusal(http.StatusBadRequest, 21656)
		}
		body = template
		for name, value := range variables {
			body = strings.ReplaceAll(body, "{{"+name+"}}", value)
		}
	case len(form["MediaUrl"]) > 1:
		s.t.Error("WhatsApp drops all files of a message but the first")
	case body == "" && !form.Has("MediaUrl"):
		return refusal(http.StatusBadRequest, 21602)
	case len([]rune(body)) > 1600:
		return refusal(http.StatusBadRequest, 21617)
	}
	return answer(http.StatusCreated, s.keep(form, body).resource())
}

func (s *Server) keep(form url.Values, body string) Message {
	m := Message{SID: fmt.Sprintf("SM%032x", len(s.sent)+1), Form: form, Body: body, Created: s.clock().UTC()}
	s.sent = append(s.sent, m)
	return m
}

// list is the newest first, as Twilio does.
func (s *Server) list(query url.Values) *http.Response {
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil {
		size = 50
	}
	found := []any{}
	for _, m := range slices.Backward(s.sent) {
		if query.Has("To") && query.Get("To") != m.Form.Get("To") || query.Has("From") && query.Get("From") != m.Form.Get("From") {
			continue
		}
		if len(found) < size {
			found = append(found, m.resource())
		}
	}
	return answer(http.StatusOK, map[string]any{"messages": found, "page": 0, "page_size": size, "uri": "/", "first_page_uri": "/", "start": 0, "end": len(found)})
}

// approved is the text of an approved template.
func (s *Server) approved(sid string) (body string, ok bool) {
	for _, c := range s.content {
		if c.SID == sid && c.Status == "approved" {
			body, ok = c.Shape["body"].(string)
			return body, ok
		}
	}
	return "", false
}

// contentsAtMost is small, so that somebody has to ask for the next page.
const contentsAtMost = 2

// contents are the account's templates, a page of them.
func (s *Server) contents(query url.Values) *http.Response {
	const address = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=2&Page="
	page, _ := strconv.Atoi(query.Get("Page")) // absent is the first
	from := min(page*contentsAtMost, len(s.content))
	to := min(from+contentsAtMost, len(s.content))
	listed := []any{}
	for _, c := range s.content[from:to] {
		listed = append(listed, c.resource())
	}
	var next any
	if to < len(s.content) {
		next = address + strconv.Itoa(page+1)
	}
	return answer(http.StatusOK, map[string]any{"contents": listed, "meta": map[string]any{
		"page": page, "page_size": contentsAtMost, "first_page_url": address + "0", "previous_page_url": nil,
		"next_page_url": next, "url": address + strconv.Itoa(page), "key": "contents",
	}})
}

func (c Content) resource() map[string]any {
	return map[string]any{
		"sid": c.SID, "account_sid": AccountSID, "friendly_name": c.Name, "language": c.Language,
		"date_created": "2026-11-01T10:00:00Z", "date_updated": "2026-11-01T10:00:00Z", "variables": map[string]any{"1": "sample"},
		"types": map[string]any{c.Type: c.Shape},
		"approval_requests": map[string]any{
			"name": c.Name, "category": "UTILITY", "content_type": c.Type, "status": c.Status, "rejection_reason": "",
			"allow_category_change": true,
		},
	}
}

func (m Message) resource() map[string]any {
	return map[string]any{
		"sid": m.SID, "account_sid": AccountSID, "api_version": "2010-04-01", "body": m.Body, "direction": "outbound-api",
		"from": m.Form.Get("From"), "to": m.Form.Get("To"), "status": "queued", "num_media": strconv.Itoa(len(m.Form["MediaUrl"])), "num_segments": "1",
		"date_created": m.Created.Format(time.RFC1123Z), "date_updated": m.Created.Format(time.RFC1123Z), "date_sent": nil,
		"error_code": nil, "error_message": nil, "price": nil, "price_unit": nil, "messaging_service_sid": nil,
		"uri": "/2010-04-01/Accounts/" + AccountSID + "/Messages/" + m.SID + ".json", "subresource_uris": map[string]any{},
	}
}

func refusal(status, code int) *http.Response {
	return answer(status, map[string]any{"code": code, "message": "Refused.", "status": status})
}

func answer(status int, body any) *http.Response {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(raw)),
	}
}

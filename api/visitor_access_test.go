package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"switchboard/channels/chat"
)

// visitorCall is how a visitor operation is tried on the thread of another visitor.
type visitorCall struct {
	// path is below the chat; {message} and {attachment} stand for the other's.
	path string
	body any
	// status is what a visitor with a thread of their own is answered.
	status int
}

// visitorCalls are the operations of the contract that take a visitor's token.
var visitorCalls = map[string]visitorCall{
	"GET /chat/{channel_id}/messages":                                          {path: "messages", status: http.StatusOK},
	"POST /chat/{channel_id}/messages":                                         {path: "messages", body: object{"text": "Mine", "client_id": "the-others"}, status: http.StatusAccepted},
	"GET /chat/{channel_id}/messages/{message_id}/attachments/{attachment_id}": {path: "messages/{message}/attachments/{attachment}", status: http.StatusNotFound},
	"POST /chat/{channel_id}/identify":                                         {path: "identify", body: object{"email": "eve@contact.test"}, status: http.StatusOK},
	"POST /chat/{channel_id}/transcripts":                                      {path: "transcripts", body: object{"email": "eve@contact.test"}, status: http.StatusConflict},
	"POST /chat/{channel_id}/typing":                                           {path: "typing", status: http.StatusNoContent},
	"POST /chat/{channel_id}/read":                                             {path: "read", body: object{"message_id": "{message}"}, status: http.StatusNotFound},
	// A stream has no end: TestAVisitorHearsNothingOfOtherThreads listens to it.
	"GET /chat/{channel_id}/events": {path: "events"},
}

func ofVisitors(t *testing.T) []string {
	t.Helper()
	return operationsOf(t, func(operation *openapi3.Operation) bool {
		return operation.Security != nil && slices.ContainsFunc(*operation.Security, func(scheme openapi3.SecurityRequirement) bool {
			return scheme["visitor"] != nil
		})
	})
}

// TestNoVisitorOperationTellsOfAnotherVisitor looks at each operation of the contract
// that visitors may call. A new one has to be listed above.
func TestNoVisitorOperationTellsOfAnotherVisitor(t *testing.T) {
	t.Parallel()
	known := maps.Clone(visitorCalls)
	for _, operation := range ofVisitors(t) {
		call, listed := known[operation]
		delete(known, operation)
		if !listed {
			t.Errorf("%s: say in this test what it tells of visitors", operation)
			continue
		}
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			tellsNothing(t, strings.Fields(operation)[0], call)
		})
	}
	for operation := range known {
		t.Errorf("%s: visitors cannot call it", operation)
	}
}

func tellsNothing(t *testing.T, method string, call visitorCall) {
	const secret = "flickering"
	w := newWorld(t)
	grace, eve := w.session(t), w.session(t)
	hers := w.upload(t, grace, "the-others", "A "+secret+" lamp", [2]string{secret + ".txt", secret}).want(http.StatusAccepted)
	items := w.visit(t, grace, "GET", "messages", nil).want(http.StatusOK).object()["items"].([]any)
	attachment, _ := items[0].(object)["attachments"].([]any)[0].(object)["id"].(string)
	w.say(t, eve, "1", "Hello")
	fill := strings.NewReplacer("{message}", hers.text("message_id"), "{attachment}", attachment)
	body := call.body
	if read, ok := body.(object); ok && read["message_id"] != nil {
		body = object{"message_id": fill.Replace(read["message_id"].(string))}
	}

	// Whose token opens nothing here: nobody's, another channel's, a made-up one, and
	// one that was replaced.
	replaced := w.session(t)
	next := w.visit(t, replaced, "POST", "identify", object{"email": "bob@contact.test"}).want(http.StatusOK).text("visitor_token")
	w.visit(t, next, "GET", "messages", nil).want(http.StatusOK)
	for what, token := range map[string]string{
		"nobody's": "", "another channel's": chat.NewVisitorToken("another"), "a made-up one": strings.Repeat("A", len(eve)), "one that was replaced": replaced,
	} {
		if got := do(t, w.visitorRequest(t, token, method, fill.Replace(call.path), body), false); got.status != http.StatusUnauthorized {
			t.Errorf("with the token %q: %d %s", what, got.status, got.body)
		}
	}
	if call.status == 0 {
		return
	}
	if got := w.visit(t, eve, method, fill.Replace(call.path), body).want(call.status); strings.Contains(string(got.body), secret) {
		t.Errorf("another visitor is told %s", got.body)
	}
	after := w.visit(t, grace, "GET", "messages", nil).want(http.StatusOK).object()["items"].([]any)
	if len(after) != 1 {
		t.Errorf("another visitor changed the thread: %v", after)
	}
}

func TestAVisitorHearsNothingOfOtherThreads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	grace, eve := w.session(t), w.session(t)
	w.say(t, eve, "1", "Hello")
	heard := w.stream(t, eve, "0")
	for range 2 { // opened, and the message
		heard.next()
	}
	w.say(t, grace, "1", "A flickering lamp")
	own, _ := w.say(t, eve, "2", "Still there?")
	if got := heard.next(); got.data["id"] != own {
		t.Errorf("heard %+v", got)
	}
}

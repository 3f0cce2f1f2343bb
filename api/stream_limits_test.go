package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// knock is a request for a stream, and where its refusal is written.
func knock() (*gin.Context, *httptest.ResponseRecorder) {
	answer := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(answer)
	c.Request = httptest.NewRequest("GET", "/", nil)
	return c, answer
}

func TestAVisitorWaitsWhenAllStreamsAreTakenAndAgentsDoNot(t *testing.T) {
	t.Parallel()
	limits := newStreamLimits()
	limits.open[allVisitors] = streamsOfVisitors - 1
	c, answer := knock()
	release, ok := limits.admitVisitor(c, "ada")
	if !ok {
		t.Fatal("the last stream was refused")
	}
	if _, ok := limits.admitVisitor(c, "bob"); ok {
		t.Fatal("there is one stream too many")
	}
	if answer.Code != 503 || answer.Header().Get("Retry-After") != "30" || !strings.Contains(answer.Body.String(), `"code":"unavailable"`) {
		t.Errorf("refused with %d, Retry-After %q: %s", answer.Code, answer.Header().Get("Retry-After"), answer.Body)
	}
	if _, ok := limits.admitAgent(c, "cleo"); !ok {
		t.Error("visitors keep agents out")
	}
	release()
	if _, ok := limits.admitVisitor(c, "bob"); !ok {
		t.Error("a stream that ended still counts")
	}
}

func TestStreamsThatEndedAreForgotten(t *testing.T) {
	t.Parallel()
	limits := newStreamLimits()
	c, _ := knock()
	var ends []func()
	for range streamsOfVisitor {
		release, ok := limits.admitVisitor(c, "ada")
		if !ok {
			t.Fatal("refused")
		}
		ends = append(ends, release)
	}
	if _, ok := limits.admitVisitor(c, "ada"); ok {
		t.Fatal("there is one stream too many")
	}
	for _, release := range ends {
		release()
	}
	if len(limits.open) > 0 {
		t.Errorf("still known: %v", limits.open)
	}
}

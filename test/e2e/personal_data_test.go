package e2e

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// nothingPersonalIsKept searches everything that is not the database (B12):
// Temporal's histories and what its lists show, the logs, and the metrics.
func nothingPersonalIsKept(t *testing.T, s *system) {
	places := s.histories(t)
	places["the logs"] = s.logs(t)
	_, places["the metrics"] = plain(t, s.admin.base+"/metrics")
	words := append([]string{personal, "demo.example", "Ada Admin"}, s.secrets.tokens...)
	for place, text := range places {
		if found := leak(text, words); found != "" {
			t.Errorf("%s hold personal data:\n…%s…", place, found)
		}
	}
}

// histories are all workflows as Temporal shows them, as JSON.
func (s *system) histories(t *testing.T) map[string]string {
	t.Helper()
	c := s.dialTemporal(t)
	places := map[string]string{}
	for _, run := range workflows(t, c, "") {
		execution := run.GetExecution()
		var text strings.Builder
		write(t, &text, run)
		history := c.GetWorkflowHistory(t.Context(), execution.GetWorkflowId(), execution.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				t.Fatalf("read history of %s: %v", execution.GetWorkflowId(), err)
			}
			write(t, &text, event)
		}
		places[execution.GetWorkflowId()+" "+execution.GetRunId()] = text.String()
	}
	return places
}

func write(t *testing.T, text *strings.Builder, message proto.Message) {
	t.Helper()
	encoded, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	text.Write(encoded)
}

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}={0,2}`)

// leak returns the surroundings of the first of the words in a text, also where
// it is encoded as base64, as payloads are in JSON.
func leak(text string, words []string) string {
	lower := strings.ToLower(text)
	for _, word := range words {
		if at := strings.Index(lower, strings.ToLower(word)); at >= 0 {
			return text[max(0, at-300):min(len(text), at+300)]
		}
	}
	for _, run := range base64Run.FindAllString(text, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(run); err == nil {
			if found := leak(string(decoded), words); found != "" {
				return found
			}
		}
	}
	return ""
}

func TestPersonalDataIsFoundWhereItHides(t *testing.T) {
	words := []string{personal}
	payload := base64.StdEncoding.EncodeToString([]byte(`{"name":"Grace ` + strings.ToUpper(personal) + `"}`))
	nested := base64.StdEncoding.EncodeToString([]byte(`{"data":"` + payload + `"}`))
	for _, text := range []string{`{"a":"` + personal + `"}`, payload, nested} {
		if leak(text, words) == "" {
			t.Errorf("not found in %s", text)
		}
	}
	if found := leak(`{"id":"019ab000-0000-7000-8000-000000000001"}`, words); found != "" {
		t.Errorf("found %s where nothing is", found)
	}
}

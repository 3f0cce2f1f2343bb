package observe_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/observe"
)

func TestLogsAreJSONWithIDs(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	log := observe.NewLogger(&out, "info")
	log.Debug("not this")
	log.Info("conversation routed", "conversation_id", "c1")
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(out.String()), &line))
	require.Equal(t, "c1", line["conversation_id"])
}

func TestRequestsAndTemporalsMetricsAreScraped(t *testing.T) {
	t.Parallel()
	metrics := observe.NewMetrics()
	temporal := metrics.Temporal()
	temporal.WithTags(map[string]string{"task_queue": "switchboard", "unknown": "x"}).Counter("temporal_request").Inc(2)
	temporal.Counter("temporal_request").Inc(1)
	temporal.Counter("temporal_local_activity_total").Inc(5)
	temporal.Gauge("temporal_num_pollers").Update(4)
	temporal.WithTags(map[string]string{"activity_type": "Assign"}).Timer("temporal_latency").Record(20 * time.Millisecond)

	metrics.Request("POST", "/forms/:channel_id/submissions", 202, 9*time.Millisecond)

	page := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	body := page.Body.String()
	require.Regexp(t, `temporal_request_total\{.*task_queue="switchboard".*\} 2`, body)
	require.Regexp(t, `temporal_latency_seconds_bucket\{activity_type="Assign",.*le="0.025"\} 1`, body)
	require.Regexp(t, `temporal_local_activity_total\{.*\} 5`, body)
	require.Regexp(t, `temporal_num_pollers\{.*\} 4`, body)
	require.Contains(t, body, `switchboard_http_request_seconds_count{method="POST",route="/forms/:channel_id/submissions",status="202"} 1`)
	require.Contains(t, body, "go_goroutines")
	require.NotContains(t, body, "unknown")
}

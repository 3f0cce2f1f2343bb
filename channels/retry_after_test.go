package channels_test

import (
	"net/http"
	"testing"
	"time"

	"switchboard/channels"
)

func TestAWishToWaitIsReadInBothForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-1": 0, "soon": 0,
		"Mon, 16 Nov 2026 12:01:00 GMT": time.Minute, "Mon, 16 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := channels.RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

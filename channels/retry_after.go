package channels

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter reads a provider's wish when to be asked again (RFC 9110, 10.2.3);
// zero is none.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return max(time.Duration(seconds)*time.Second, 0)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

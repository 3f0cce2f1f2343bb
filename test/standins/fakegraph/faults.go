package fakegraph

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Fault is how the API fails a request.
type Fault func(w http.ResponseWriter, r *http.Request, api http.Handler)

// pending is a fault that waits for its request.
type pending struct {
	suffix string
	fault  Fault
}

// Once fails the next request whose path ends with suffix; "" is any.
func (s *Server) Once(suffix string, fault Fault) { s.fault.Store(&pending{suffix, fault}) }

func (s *Server) faulty(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		waiting := s.fault.Load()
		if waiting != nil && strings.HasSuffix(r.URL.Path, waiting.suffix) && s.fault.CompareAndSwap(waiting, nil) {
			waiting.fault(w, r, api)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// Throttle asks to wait (learn.microsoft.com/graph/throttling).
func Throttle(after time.Duration) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", fmt.Sprint(int(after.Seconds())))
		fail(w, http.StatusTooManyRequests, "TooManyRequests")
	}
}

// Fail answers with an error and does nothing.
func Fail(status int, code string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { fail(w, status, code) }
}

// Drop does what was asked and breaks the connection instead of answering.
func Drop() Fault {
	return func(_ http.ResponseWriter, r *http.Request, api http.Handler) {
		api.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
}

// Wait does what was asked after the channel is closed, or the client has given
// up.
func Wait(until <-chan struct{}) Fault {
	return func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		select {
		case <-until:
		case <-r.Context().Done():
		}
		api.ServeHTTP(w, r)
	}
}

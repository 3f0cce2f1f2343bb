package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/inbox"
	"switchboard/store"
)

const requestIDHeader = "X-Request-ID"

// plainID keeps what a stranger sends out of the log unless it is an id.
var plainID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// identifyRequest gives the request an id, the proxy's if there is one, and
// answers with it. No answer may be sniffed or kept by caches, unless a handler
// says so.
func identifyRequest(c *gin.Context) {
	id := c.GetHeader(requestIDHeader)
	if !plainID.MatchString(id) {
		id = store.NewID()
	}
	c.Header(requestIDHeader, id)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Cache-Control", "no-store")
}

// logRequest writes one line per request: ids and the route's template, never
// the path, the query or the body, which may tell of people (B12). It measures
// the same.
func (s *server) logRequest(c *gin.Context) {
	start := time.Now()
	c.Next()
	took := time.Since(start)
	if s.measure != nil {
		s.measure(c.Request.Method, c.FullPath(), c.Writer.Status(), took)
	}
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", c.Writer.Header().Get(requestIDHeader)),
		slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()),
		slog.Int("status", c.Writer.Status()),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
	}
	if agent, ok := c.Value(callerKey).(inbox.Agent); ok {
		attrs = append(attrs, slog.String("agent_id", agent.ID))
	}
	if failure := c.Errors.Last(); failure != nil && c.Request.Context().Err() == nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", failure.Error()))
		if known, ok := errors.AsType[*inbox.Error](failure); ok && errors.Unwrap(known) != nil {
			attrs = append(attrs, slog.String("cause", errors.Unwrap(known).Error()))
		}
	}
	s.log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// recoverToProblem answers a panic as a problem and keeps the process alive.
func recoverToProblem(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(cause)
		}
		err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		if c.Writer.Written() {
			_ = c.Error(err) // too late for a problem; it returns what it was given
			c.Abort()
			return
		}
		refuse(c, err)
	}()
	c.Next()
}

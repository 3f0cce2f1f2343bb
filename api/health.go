package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/store"
)

// readyTimeout bounds one check of all parts.
const readyTimeout = 3 * time.Second

// registerHealth adds /healthz (the process lives), /readyz (its parts answer)
// and /metrics.
func registerHealth(engine *gin.Engine, o Options) {
	engine.GET("/healthz", func(c *gin.Context) { c.PureJSON(http.StatusOK, gin.H{"status": "ok"}) })
	parts := map[string]func(context.Context) error{
		"database": o.Store.Ping,
		"migrated": func(ctx context.Context) error { return migrated(ctx, o.Store) },
	}
	maps.Copy(parts, o.Ready)
	engine.GET("/readyz", func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), cmp.Or(o.readyWithin, readyTimeout))
		defer cancel()
		status, states := http.StatusOK, map[string]string{}
		for name, check := range parts {
			states[name] = "ok"
			if err := check(ctx); err != nil {
				status, states[name] = http.StatusServiceUnavailable, "not ready"
				_ = c.Error(err) // for the log; the answer names no hosts
			}
		}
		c.PureJSON(status, gin.H{"parts": states})
	})
	if o.Metrics != nil {
		engine.GET("/metrics", gin.WrapH(o.Metrics))
	}
}

func migrated(ctx context.Context, s *store.Store) error {
	ok, err := s.Migrated(ctx)
	if err == nil && !ok {
		return errors.New("migrations are missing")
	}
	return err
}

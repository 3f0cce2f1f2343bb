package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"switchboard/api"
)

func TestHealthTellsWhichPartIsNotReady(t *testing.T) {
	t.Parallel()
	away := false
	w := newWorld(t, (*api.Options).BePatient, func(o *api.Options) {
		o.Ready = map[string]func(context.Context) error{"temporal": func(context.Context) error {
			if away {
				return errors.New("dial temporal")
			}
			return nil
		}}
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	})
	w.call(t, person{}, "GET", "/healthz", nil).want(http.StatusOK)
	if got := string(w.call(t, person{}, "GET", "/metrics", nil).want(http.StatusOK).body); got != "up 1\n" {
		t.Errorf("metrics %q", got)
	}
	ready := w.call(t, person{}, "GET", "/readyz", nil).want(http.StatusOK).object()["parts"].(object)
	if ready["database"] != "ok" || ready["migrated"] != "ok" || ready["temporal"] != "ok" {
		t.Errorf("got %v", ready)
	}
	away = true
	parts := w.call(t, person{}, "GET", "/readyz", nil).want(http.StatusServiceUnavailable).object()["parts"].(object)
	if parts["temporal"] != "not ready" || parts["database"] != "ok" {
		t.Errorf("got %v", parts)
	}
	w.call(t, person{}, "GET", "/healthz", nil).want(http.StatusOK)
}

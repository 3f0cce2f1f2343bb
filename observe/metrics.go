package observe

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.temporal.io/sdk/client"
)

// Metrics is a process's registry: Go, the process, and Temporal's SDK.
type Metrics struct {
	registry *prometheus.Registry
	temporal *handler
}

// NewMetrics returns a registry of its own, so that tests and several servers in
// one process do not meet.
func NewMetrics() *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return &Metrics{registry: registry, temporal: newHandler(registry)}
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Temporal receives the SDK's own metrics.
func (m *Metrics) Temporal() client.MetricsHandler { return m.temporal }

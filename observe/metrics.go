package observe

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.temporal.io/sdk/client"
)

// Metrics is a process's registry: Go, the process, the API's requests, the mail
// that came in by SMTP, and Temporal's SDK.
type Metrics struct {
	registry *prometheus.Registry
	temporal *handler
	requests *prometheus.HistogramVec
	mails    *prometheus.CounterVec
}

// NewMetrics returns a registry of its own, so that tests and several servers in
// one process do not meet.
func NewMetrics() *Metrics {
	registry := prometheus.NewRegistry()
	requests := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "switchboard_http_request_seconds", Help: "Requests by route and status.", Buckets: buckets,
	}, []string{"method", "route", "status"})
	mails := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "switchboard_inbound_smtp_answers_total", Help: "Mail accepted, and recipients and mail refused, by answer.",
	}, []string{"answer"})
	registry.MustRegister(
		requests,
		mails,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return &Metrics{registry: registry, temporal: newHandler(registry), requests: requests, mails: mails}
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Temporal receives the SDK's own metrics.
func (m *Metrics) Temporal() client.MetricsHandler { return m.temporal }

// Request counts and times one request to the API.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Mail counts how a mail or one of its recipients was answered.
func (m *Metrics) Mail(answer string) { m.mails.WithLabelValues(answer).Inc() }

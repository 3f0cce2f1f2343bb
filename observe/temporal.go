package observe

import (
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// labels are the SDK's tags that are kept. Prometheus wants the same labels on
// every value of a metric, the SDK does not: what a value lacks is "".
var labels = []string{
	"namespace", "task_queue", "worker_type", "workflow_type", "activity_type",
	"operation", "status_code", "failure_reason", "poller_type",
}

// buckets suit what the SDK times: from a local activity to a slow poll, in
// seconds.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}

// handler is the SDK's metrics over Prometheus. The usual bridge goes through a
// second metrics library; this one needs none.
type handler struct {
	vectors *vectors
	tags    prometheus.Labels
}

func newHandler(registry prometheus.Registerer) *handler {
	none := make(prometheus.Labels, len(labels))
	for _, label := range labels {
		none[label] = ""
	}
	return &handler{vectors: &vectors{
		registry: registry,
		counters: make(map[string]*prometheus.CounterVec),
		gauges:   make(map[string]*prometheus.GaugeVec),
		timers:   make(map[string]*prometheus.HistogramVec),
	}, tags: none}
}

// WithTags returns a handler whose values carry the tags that are kept.
func (h *handler) WithTags(tags map[string]string) client.MetricsHandler {
	merged := maps.Clone(h.tags)
	for name, value := range tags {
		if _, kept := merged[name]; kept {
			merged[name] = value
		}
	}
	return &handler{vectors: h.vectors, tags: merged}
}

// Counter returns a counter that ends in "_total".
func (h *handler) Counter(name string) client.MetricsCounter {
	vector := vectorOf(h.vectors, h.vectors.counters, name, func() *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: strings.TrimSuffix(name, "_total") + "_total", Help: help(name)}, labels)
	})
	return counter{vector.With(h.tags)}
}

// Gauge returns a gauge.
func (h *handler) Gauge(name string) client.MetricsGauge {
	vector := vectorOf(h.vectors, h.vectors.gauges, name, func() *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help(name)}, labels)
	})
	return gauge{vector.With(h.tags)}
}

// Timer returns a histogram in seconds.
func (h *handler) Timer(name string) client.MetricsTimer {
	vector := vectorOf(h.vectors, h.vectors.timers, name, func() *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name + "_seconds", Help: help(name), Buckets: buckets,
		}, labels)
	})
	return timer{vector.With(h.tags)}
}

func help(name string) string { return "Temporal SDK: " + name + "." }

// vectors are the metrics the SDK has used so far.
type vectors struct {
	mu       sync.Mutex
	registry prometheus.Registerer
	counters map[string]*prometheus.CounterVec
	gauges   map[string]*prometheus.GaugeVec
	timers   map[string]*prometheus.HistogramVec
}

// vectorOf returns the named vector, which is made and registered once.
func vectorOf[V prometheus.Collector](v *vectors, known map[string]V, name string, make func() V) V {
	v.mu.Lock()
	defer v.mu.Unlock()
	vector, ok := known[name]
	if !ok {
		vector = make()
		v.registry.MustRegister(vector)
		known[name] = vector
	}
	return vector
}

type counter struct{ prometheus.Counter }

func (c counter) Inc(delta int64) { c.Add(float64(delta)) }

type gauge struct{ prometheus.Gauge }

func (g gauge) Update(value float64) { g.Set(value) }

type timer struct{ prometheus.Observer }

func (t timer) Record(d time.Duration) { t.Observe(d.Seconds()) }

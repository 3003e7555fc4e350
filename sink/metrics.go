package sink

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/spywire/spywire/internal/story"
)

type metrics struct {
	seconds  *prometheus.HistogramVec
	rows     *prometheus.CounterVec
	failures *prometheus.CounterVec
	expired  *prometheus.CounterVec
	freed    *prometheus.CounterVec
	passed   prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, store Store, log *slog.Logger) *metrics {
	auto := promauto.With(reg)
	m := &metrics{
		seconds: auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "spywire_store_seconds", Help: "Time to store a batch durably, by what it holds.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10),
		}, []string{"batch"}),
		rows: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_store_rows_total", Help: "Rows written to the store, by table.",
		}, []string{"table"}),
		failures: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_store_failures_total", Help: "Batches the store did not take, by what they hold; they are tried again, alone where they fail together.",
		}, []string{"batch"}),
		expired: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_retention_rows_total", Help: "Rows that retention has taken, by table; what goes with a row is not counted.",
		}, []string{"table"}),
		freed: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_retention_bytes_total", Help: "Bytes in the rows that retention has taken, by table, without their indexes.",
		}, []string{"table"}),
		passed: auto.NewGauge(prometheus.GaugeOpts{
			Name: "spywire_retention_last_success_timestamp_seconds", Help: "When this process last went through the store for what is over sink.retention, 0 if it has not.",
		}),
	}
	for _, batch := range []string{"stories", "ledger"} {
		m.seconds.WithLabelValues(batch)
		m.failures.WithLabelValues(batch)
	}
	for _, table := range Tables {
		m.rows.WithLabelValues(string(table))
		m.dropped(table, Dropped{})
	}
	if reg != nil {
		reg.MustRegister(&outcomes{
			store: store, log: log,
			current: prometheus.NewDesc("spywire_ledger_outcomes",
				"URLs in the ledger by current outcome.", []string{"outcome"}, nil),
			unsettled: prometheus.NewDesc("spywire_ledger_unsettled",
				"URLs that were listed and have no outcome yet.", nil, nil),
		})
	}
	return m
}

func (m *metrics) wrote(kind string, took time.Duration, c Changes) {
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
	m.rows.WithLabelValues("stories").Add(float64(len(c.Stories)))
	m.rows.WithLabelValues("story_versions").Add(float64(len(c.Versions)))
	m.rows.WithLabelValues("ledger").Add(float64(len(c.Ledger)))
	m.rows.WithLabelValues("ledger_events").Add(float64(len(c.Events)))
}

func (m *metrics) dropped(table Table, d Dropped) {
	m.expired.WithLabelValues(string(table)).Add(float64(d.Rows))
	m.freed.WithLabelValues(string(table)).Add(float64(d.Bytes))
}

// countEvery is how old the counts of a scrape may be: on a ledger of millions a count takes a while.
const countEvery = 15 * time.Second

// outcomes counts the ledger when it is scraped. While the store does not answer, the metrics are absent.
type outcomes struct {
	store              Store
	log                *slog.Logger
	current, unsettled *prometheus.Desc

	mu     sync.Mutex
	counts map[story.Outcome]int
	at     time.Time
}

// Describe implements prometheus.Collector.
func (o *outcomes) Describe(ch chan<- *prometheus.Desc) {
	ch <- o.current
	ch <- o.unsettled
}

// Collect implements prometheus.Collector.
func (o *outcomes) Collect(ch chan<- prometheus.Metric) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil || time.Since(o.at) > countEvery {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		counts, err := o.store.Outcomes(ctx)
		if err != nil {
			o.log.Warn("the ledger's metrics are missing from a scrape", "err", err)
			return
		}
		o.counts, o.at = counts, time.Now()
	}
	for _, outcome := range story.Outcomes {
		ch <- prometheus.MustNewConstMetric(o.current, prometheus.GaugeValue, float64(o.counts[outcome]), string(outcome))
	}
	ch <- prometheus.MustNewConstMetric(o.unsettled, prometheus.GaugeValue, float64(o.counts[story.Listed]))
}

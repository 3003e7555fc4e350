package bus

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics have closed lists as labels: stages, outcomes, streams and durables of the topology.
type metrics struct {
	records  *prometheus.CounterVec
	handling *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	dead     *prometheus.CounterVec
	publish  *prometheus.HistogramVec
	full     *prometheus.CounterVec
	held     *prometheus.CounterVec
	blocked  *prometheus.GaugeVec
	lagging  *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer, b *Bus) *metrics {
	auto := promauto.With(reg)
	if reg != nil {
		reg.MustRegister(lagCollector{b})
	}
	return &metrics{
		records: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_records_total", Help: "Deliveries handled, by stage and what became of them: ok, an outcome, retry, wait, handed_back.",
		}, []string{"stage", "verdict"}),
		handling: auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "spywire_handling_seconds", Help: "Time a stage took for a delivery.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"stage"}),
		inFlight: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "spywire_in_flight", Help: "Deliveries being handled.",
		}, []string{"stage"}),
		dead: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_dead_letters_total", Help: "Messages given up and kept as dead letters.",
		}, []string{"stage"}),
		publish: auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "spywire_publish_seconds", Help: "Time until a publish or a batch of publishes was acknowledged, waits for room included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}, []string{"stream"}),
		full: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_publish_full_total", Help: "Publishes refused for want of room and tried again in place.",
		}, []string{"stream"}),
		held: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_held_back_total", Help: "Pulls put off because the durable after the stage lags.",
		}, []string{"durable"}),
		blocked: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "spywire_stream_blocked", Help: "1 while a stream takes nothing and what is in hand waits; the log and /readyz say why.",
		}, []string{"stream"}),
		lagging: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "spywire_holding_back", Help: "1 while this process takes on no work because the durable lags.",
		}, []string{"durable"}),
	}
}

// begin counts a delivery in; the function it returns counts it out with its verdict.
func (m *metrics) begin(stage string, n int) func(verdict string, n int) {
	began := time.Now()
	m.inFlight.WithLabelValues(stage).Add(float64(n))
	return func(verdict string, done int) {
		m.inFlight.WithLabelValues(stage).Sub(float64(done))
		m.records.WithLabelValues(stage, verdict).Add(float64(done))
		m.handling.WithLabelValues(stage).Observe(time.Since(began).Seconds())
	}
}

// lagCollector asks the server when Prometheus asks us.
type lagCollector struct{ b *Bus }

// scrapeWait is how long a scrape may wait for NATS; without it the rest of the metrics still arrive.
const scrapeWait = 2 * time.Second

var lagMetrics = []struct {
	name, help string
	value      func(Lag) float64
}{
	{"spywire_consumer_pending", "Messages not yet delivered.", func(l Lag) float64 { return float64(l.Pending) }},
	{"spywire_consumer_ack_pending", "Messages delivered and not yet answered.", func(l Lag) float64 { return float64(l.AckPending) }},
	{"spywire_consumer_redelivered", "Messages under way more than once.", func(l Lag) float64 { return float64(l.Redelivered) }},
	{"spywire_consumer_waiting_pulls", "Pull requests waiting for messages.", func(l Lag) float64 { return float64(l.Waiting) }},
	{"spywire_consumer_oldest_seconds", "Age of the oldest message not yet settled.", func(l Lag) float64 { return l.Oldest.Seconds() }},
}

func (c lagCollector) desc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"stream", "durable"}, nil)
}

// Describe implements prometheus.Collector.
func (c lagCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range lagMetrics {
		ch <- c.desc(m.name, m.help)
	}
}

// Collect implements prometheus.Collector.
func (c lagCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWait)
	defer cancel()
	lags, err := c.b.Lags(ctx)
	if err != nil {
		return
	}
	for _, l := range lags {
		for _, m := range lagMetrics {
			ch <- prometheus.MustNewConstMetric(c.desc(m.name, m.help), prometheus.GaugeValue, m.value(l), l.Durable.Stream(), l.Durable.Name())
		}
	}
}

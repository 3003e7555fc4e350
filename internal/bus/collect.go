package bus

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
)

// lagCollector asks the server when Prometheus asks us. Every process answers for all streams and durables: they are the
// server's, so that whoever is left says how those who are gone lag. Aggregate with max, not with sum.
type lagCollector struct {
	b      *Bus
	lags   []described[Lag]
	levels []described[Level]
	up     *prometheus.Desc
}

func newLagCollector(b *Bus) lagCollector {
	up := prometheus.NewDesc("spywire_nats_up", "1 if NATS answered this scrape about every stream and durable, else 0.", nil, nil)
	return lagCollector{b, lagMetrics(), levelMetrics(), up}
}

// scrapeWait is how long a scrape may wait for NATS; without it the rest of the metrics still arrive.
const scrapeWait = 2 * time.Second

// described is a metric of the server's state and how it is read out of a T.
type described[T any] struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(T) float64
}

func describe[T any](name, help string, labels []string, value func(T) float64) described[T] {
	kind := prometheus.GaugeValue
	if strings.HasSuffix(name, "_total") {
		kind = prometheus.CounterValue
	}
	return described[T]{prometheus.NewDesc(name, help, labels, nil), kind, value}
}

func lagMetrics() []described[Lag] {
	gauge := func(name, help string, value func(Lag) float64) described[Lag] {
		return describe(name, help, []string{"stream", "durable"}, value)
	}
	return []described[Lag]{
		gauge("spywire_consumer_pending", "Messages not yet delivered.", func(l Lag) float64 { return float64(l.Pending) }),
		gauge("spywire_consumer_ack_pending", "Messages delivered and not yet answered.", func(l Lag) float64 { return float64(l.AckPending) }),
		gauge("spywire_consumer_ack_pending_limit", "Messages that may be delivered and not yet answered: at the limit nothing more is delivered.", func(l Lag) float64 { return float64(l.AckLimit) }),
		gauge("spywire_consumer_redelivered", "Messages under way more than once.", func(l Lag) float64 { return float64(l.Redelivered) }),
		gauge("spywire_consumer_waiting_pulls", "Pull requests waiting for messages.", func(l Lag) float64 { return float64(l.Waiting) }),
		gauge("spywire_consumer_deliveries_total", "Deliveries so far, repeated ones included, as the server counts them.", func(l Lag) float64 { return float64(l.Deliveries) }),
		gauge("spywire_consumer_oldest_seconds", "Age of the oldest message not yet settled, 0 if all are.", func(l Lag) float64 { return l.Oldest.Seconds() }),
		gauge("spywire_consumer_unread_bytes", "Bytes of the stream that the durable has not settled, by its share of the messages.", func(l Lag) float64 { return float64(l.Unread) }),
	}
}

func levelMetrics() []described[Level] {
	gauge := func(name, help string, value func(Level) float64) described[Level] {
		return describe(name, help, []string{"stream", "when_full"}, value)
	}
	return []described[Level]{
		gauge("spywire_stream_messages", "Messages a stream keeps. when_full says what it does then: refuse what comes, drop the oldest, or keep (it has no limit).", func(l Level) float64 { return float64(l.Messages) }),
		gauge("spywire_stream_bytes", "Bytes a stream keeps.", func(l Level) float64 { return float64(l.Bytes) }),
		gauge("spywire_stream_max_bytes", "Bytes a stream may keep, 0 without a limit.", func(l Level) float64 { return float64(l.MaxBytes) }),
		gauge("spywire_stream_oldest_seconds", "Age of the oldest message a stream keeps, 0 if it is empty.", func(l Level) float64 { return l.Oldest.Seconds() }),
	}
}

// Describe implements prometheus.Collector.
func (c lagCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.up
	for _, m := range c.lags {
		ch <- m.desc
	}
	for _, m := range c.levels {
		ch <- m.desc
	}
}

// Collect implements prometheus.Collector. What the server does not say is absent.
func (c lagCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWait)
	defer cancel()
	up := 0.0
	defer func() { ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up) }()
	if !c.b.Connected() {
		return
	}
	lags, levels, err := c.b.look(ctx)
	if err == nil {
		up = 1
	}
	for _, l := range lags {
		for _, m := range c.lags {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(l), l.Durable.Stream(), l.Durable.Name())
		}
	}
	for _, l := range levels {
		for _, m := range c.levels {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(l), l.Stream, whenFull(l))
		}
	}
}

// whenFull is what a stream does with a message for which it has no room.
func whenFull(l Level) string {
	switch {
	case l.MaxBytes == 0:
		return "keep"
	case l.Discard == jetstream.DiscardNew:
		return "refuse"
	}
	return "drop"
}

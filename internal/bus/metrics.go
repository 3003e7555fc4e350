package bus

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/spywire/spywire/internal/story"
)

// metrics have closed lists as labels: stages, outcomes, streams and durables of the topology. Their values start at 0,
// those of a stage once this process works as one.
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
	steps    *prometheus.CounterVec
	waited   *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer, b *Bus) *metrics {
	auto := promauto.With(reg)
	if reg != nil {
		reg.MustRegister(newLagCollector(b))
	}
	m := &metrics{
		records: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_records_total", Help: "Deliveries handled, by stage and what became of them: ok, an outcome, retry, wait, idle, fenced, handed_back.",
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
			Name: "spywire_held_back_total", Help: "Pulls of a durable put off because the one after it lags.",
		}, []string{"stream", "durable"}),
		blocked: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "spywire_stream_blocked", Help: "1 while a stream takes nothing and what is in hand waits; the log and /readyz say why.",
		}, []string{"stream"}),
		lagging: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "spywire_holding_back", Help: "1 while this process takes on no work because the durable lags.",
		}, []string{"stream", "durable"}),
		steps: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_ledger_steps_total", Help: "Steps of URLs put on their way to the ledger, by the stage that took them and the outcome.",
		}, []string{"stage", "outcome"}),
		waited: auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "spywire_host_wait_seconds", Help: "Time from the queueing of an entry until its host had been asked for it, by priority.",
			Buckets: []float64{.1, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600},
		}, []string{"priority"}),
	}
	for _, row := range Topology(b.timings) {
		if row.Bucket == "" {
			m.publish.WithLabelValues(row.Name)
			m.full.WithLabelValues(row.Name)
			m.blocked.WithLabelValues(row.Name)
		}
	}
	for d := range b.gates {
		m.lagging.WithLabelValues(d.Stream(), d.Name())
	}
	return m
}

// priorityNames are the label of a priority.
var priorityNames = map[story.Priority]string{story.PriorityPoll: "poll", story.PriorityPage: "page", story.PriorityBackfill: "backfill"}

// serve lets the values of a stage that reads a durable start.
func (m *metrics) serve(stage story.Stage, d Durable) {
	for _, verdict := range []string{fetched, rested, retired, failed, fenced, handed} {
		if verdict != retired || d == HostsFetcher {
			m.records.WithLabelValues(string(stage), verdict)
		}
	}
	m.handling.WithLabelValues(string(stage))
	m.inFlight.WithLabelValues(string(stage))
	m.dead.WithLabelValues(string(stage))
	for _, outcome := range story.Outcomes {
		if stage == story.StageSink && outcome != story.DeadLetter {
			continue // it writes its outcomes itself
		}
		m.steps.WithLabelValues(string(stage), string(outcome))
		if outcome != story.Listed {
			m.records.WithLabelValues(string(stage), string(outcome))
		}
	}
	if _, r := reader(Timings{}, d); r.Before != "" {
		m.held.WithLabelValues(d.Stream(), d.Name())
	}
	if d == HostsFetcher {
		for _, name := range priorityNames {
			m.waited.WithLabelValues(name)
		}
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

package second

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/spywire/spywire/internal/story"
)

type metrics struct {
	opinions *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	auto := promauto.With(reg)
	m := &metrics{
		opinions: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "spywire_second_opinions_total",
			Help: "Stories under review by what the second stage said (on_beat, off_beat, unsure) or why the first stage's verdict stands.",
		}, []string{"verdict"}),
		seconds: auto.NewHistogram(prometheus.HistogramOpts{
			Name: "spywire_second_opinion_seconds", Help: "Time until the second stage's endpoint had answered, or failed.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40},
		}),
	}
	for _, verdict := range slices.Concat(story.Verdicts, failures) {
		m.opinions.WithLabelValues(verdict)
	}
	return m
}

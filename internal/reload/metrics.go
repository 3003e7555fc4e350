package reload

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	ok, at, hash prometheus.Gauge
	reloads      *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, noun string) *metrics {
	with, prefix := promauto.With(reg), "spywire_"+strings.ReplaceAll(noun, " ", "_")
	m := &metrics{
		ok: with.NewGauge(prometheus.GaugeOpts{Name: prefix + "_reload_success",
			Help: "Whether the " + noun + " as it is on disk could be read: 1, or 0 while the last good version stays."}),
		at: with.NewGauge(prometheus.GaugeOpts{Name: prefix + "_loaded_timestamp_seconds",
			Help: "When the version of the " + noun + " in use was read."}),
		hash: with.NewGauge(prometheus.GaugeOpts{Name: prefix + "_hash",
			Help: "The first 48 bits of the SHA-256 of the " + noun + " in use: replicas that differ have different lists."}),
		reloads: with.NewCounterVec(prometheus.CounterOpts{Name: prefix + "_reloads_total",
			Help: "Changes of the " + noun + " seen, by whether it could be read."}, []string{"result"}),
	}
	m.reloads.WithLabelValues("ok")
	m.reloads.WithLabelValues("failed")
	return m
}

func (m *metrics) loaded(hash string) {
	if m == nil {
		return
	}
	m.ok.Set(1)
	m.at.SetToCurrentTime()
	m.hash.Set(leading(hash))
}

// leading is the first 48 bits of a hash in hex, which a float holds exactly; 0 of anything else.
func leading(hash string) float64 {
	var n uint64
	for _, c := range []byte(short(hash)) {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return 0
		}
	}
	return float64(n)
}

func (m *metrics) tried(err error) {
	switch {
	case m == nil:
	case err != nil:
		m.ok.Set(0)
		m.reloads.WithLabelValues("failed").Inc()
	default:
		m.reloads.WithLabelValues("ok").Inc()
	}
}

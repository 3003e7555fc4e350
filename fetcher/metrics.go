package fetcher

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/spywire/spywire/internal/story"
)

// metrics of a fetcher. Labels are closed lists: kinds of request, outcomes, kinds of failure, feed states.
type metrics struct {
	fetches *prometheus.CounterVec
	bytes   *prometheus.CounterVec
	items   *prometheus.CounterVec
	feeds   *prometheus.GaugeVec

	mu     sync.Mutex
	states map[story.ID]string
}

func newMetrics(reg prometheus.Registerer) *metrics {
	with := promauto.With(reg)
	return &metrics{
		fetches: with.NewCounterVec(prometheus.CounterOpts{Name: "spywire_fetches_total",
			Help: "Requests made, by what was asked for (robots, feed, page) and how it ended."}, []string{"kind", "outcome"}),
		bytes: with.NewCounterVec(prometheus.CounterOpts{Name: "spywire_fetch_bytes_total",
			Help: "Body bytes received on the wire."}, []string{"kind"}),
		items: with.NewCounterVec(prometheus.CounterOpts{Name: "spywire_feed_items_total",
			Help: "Items of feeds: new, changed, known, unusable, over the cap."}, []string{"what"}),
		feeds: with.NewGaugeVec(prometheus.GaugeOpts{Name: "spywire_feeds",
			Help: "Feeds by the state their last poll left them in."}, []string{"state"}),
		states: map[story.ID]string{},
	}
}

// feed notes the state of a feed; "" forgets it.
func (m *metrics) feed(id story.ID, state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.states[id]; ok {
		m.feeds.WithLabelValues(old).Dec()
		delete(m.states, id)
	}
	if state != "" {
		m.states[id] = state
		m.feeds.WithLabelValues(state).Inc()
	}
}

// summary is how many feeds work, and how many are in each state that does not, most first.
func (m *metrics) summary() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	count := map[string]int{}
	for _, state := range m.states {
		if healthy(state) {
			state = "working"
		}
		count[state]++
	}
	states := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
	for i, state := range states {
		states[i] = fmt.Sprintf("%s %d", state, count[state])
	}
	return strings.Join(states, ", ")
}

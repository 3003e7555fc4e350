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

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/fetcher/websub"
	"github.com/spywire/spywire/internal/story"
)

// metrics of a fetcher. Labels are closed lists: kinds of request, outcomes, kinds of failure, feed states. All of them
// are there from the start, at 0.
type metrics struct {
	hubs, callbacks *prometheus.CounterVec
	fetches         *prometheus.CounterVec
	bytes           *prometheus.CounterVec
	items           *prometheus.CounterVec
	polls           *prometheus.CounterVec
	robots          *prometheus.CounterVec
	penalties       *prometheus.CounterVec
	retries         *prometheus.CounterVec
	standIns        *prometheus.CounterVec
	sightings       prometheus.Counter
	feeds           *prometheus.GaugeVec

	mu     sync.Mutex
	states map[story.ID]string
}

func newMetrics(reg prometheus.Registerer) *metrics {
	with := promauto.With(reg)
	counter := func(name, help string, labels []string, values ...[]string) *prometheus.CounterVec {
		c := with.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		for _, v := range values {
			c.WithLabelValues(v...)
		}
		return c
	}
	each := func(values ...string) (out [][]string) {
		for _, v := range values {
			out = append(out, []string{v})
		}
		return out
	}
	var requests [][]string
	for _, kind := range []string{kindRobots, kindFeed, kindSitemap, kindPage, kindHub} {
		for _, outcome := range []string{"1xx", "2xx", "3xx", "4xx", "5xx"} {
			requests = append(requests, []string{kind, outcome})
		}
		for _, failure := range web.Kinds() {
			requests = append(requests, []string{kind, string(failure)})
		}
	}
	m := &metrics{
		fetches: counter("spywire_fetches_total", "Requests made, by what was asked for (robots, feed, sitemap, page, hub) and how it ended.",
			[]string{"kind", "outcome"}, requests...),
		bytes: counter("spywire_fetch_bytes_total", "Body bytes received on the wire.", []string{"kind"}, each(kindRobots, kindFeed, kindSitemap, kindPage, kindHub)...),
		items: counter("spywire_feed_items_total", "Items of feeds: new, changed, known, unusable, over the cap.", []string{"what"},
			each("new", "changed", "known", "unusable", "over_cap")...),
		polls: counter("spywire_feed_polls_total", "Polls of feeds, by the state they left the feed in.", []string{"state"}, each(States()...)...),
		robots: counter("spywire_robots_total", "Answers about robots.txt: rules, allow (there is none), deny (it cannot be read).", []string{"verdict"},
			each(robotsRules, robotsAllow, robotsDeny)...),
		penalties: counter("spywire_host_penalties_total", "Hosts left alone for longer than the ordinary pause, by what they answered.", []string{"state"},
			each(States()...)...),
		retries: counter("spywire_page_retries_total", "Pages queued again after a failure that may pass, by how they would have ended.", []string{"outcome"},
			each(string(story.FetchFailed), string(story.NoText), string(story.Robots))...),
		standIns: counter("spywire_stand_ins_total", "Pages that were refused and for which the feed's own text went on, by the refusal.", []string{"outcome"},
			each(string(story.Blocked), string(story.BotWall))...),
		hubs: counter("spywire_websub_requests_total", "Requests to WebSub hubs, by what was asked and whether the hub took it.", []string{"mode", "result"},
			[]string{websub.Subscribe, "accepted"}, []string{websub.Subscribe, "failed"}, []string{websub.Unsubscribe, "accepted"}, []string{websub.Unsubscribe, "failed"}),
		callbacks: counter("spywire_websub_callbacks_total", "Calls of WebSub hubs, by what they were about and how they ended.", []string{"what"},
			each(calledVerified, calledDenied, calledRefused, calledDelivered, calledHint, calledUnsigned, calledUnread, calledTooLarge, calledBusy, calledFailed)...),
		sightings: with.NewCounter(prometheus.CounterOpts{Name: "spywire_page_sightings_total",
			Help: "Pages that were not requested because they had been fetched: another feed lists them too."}),
		feeds: with.NewGaugeVec(prometheus.GaugeOpts{Name: "spywire_feeds",
			Help: "Feeds of the list by the state their last poll left them in."}, []string{"state"}),
		states: map[story.ID]string{},
	}
	for _, state := range States() {
		m.feeds.WithLabelValues(state)
	}
	return m
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
		switch {
		case state == StateDisabled:
			continue
		case state != StateNew && healthy(state):
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

package fetcher

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// site serves any host under .localhost: what a test does not define is 404.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc // by host/path
	requests []string                    // host/path in order
	at       []time.Time
}

func newSite(t *testing.T) *site {
	s := &site{handlers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	key := r.Host + r.URL.Path
	s.requests, s.at = append(s.requests, key), append(s.at, time.Now())
	h := s.handlers[key]
	s.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h(w, r)
}

func (s *site) on(key string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[key] = h
}

func (s *site) text(key, kind, body string) {
	s.on(key, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, body)
	})
}

func (s *site) redirect(key, to string, status int) {
	s.on(key, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	})
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.Bytes()
}

func (s *site) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// desk records what a fetcher does, and does its turns one after the other without waiting for the clock.
type desk struct {
	t       *testing.T
	f       *Fetcher
	hosts   map[string]story.HostState
	queue   []story.Entry
	later   []time.Duration
	pauses  []time.Duration
	feeds   map[story.ID]story.FeedState
	rev     map[story.ID]uint64
	wakes   map[story.ID]time.Duration
	fresh   []story.ID // woken as new
	retired map[story.ID]bool
	pages   []story.Page
	ledger  []story.LedgerEntry
	refuse  error // of PublishPage
	subsMu  sync.Mutex
	subs    map[story.ID]story.Subscription
	subsRev map[story.ID]uint64
}

func newDesk(t *testing.T, s *site, cfg Config, feeds ...story.Feed) *desk {
	t.Helper()
	d := &desk{subs: map[story.ID]story.Subscription{}, subsRev: map[story.ID]uint64{}, t: t, hosts: map[string]story.HostState{}, feeds: map[story.ID]story.FeedState{}, rev: map[story.ID]uint64{},
		wakes: map[story.ID]time.Duration{}, retired: map[story.ID]bool{}}
	if s != nil {
		cfg.ConnectTo = append(cfg.ConnectTo, "*.localhost="+s.Listener.Addr().String())
	}
	if cfg.HostDelay == 0 {
		cfg.HostDelay = time.Millisecond
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	f, err := New(cfg, feedlist.Of(feeds...), d, d, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.client.Close)
	d.f = f
	return d
}

func feedAt(url string) story.Feed {
	return story.Feed{ID: story.NewID(url), URL: url, Outlet: "Harbour Post", Country: "GB"}
}

func page(url string) story.Entry {
	return story.Entry{ID: story.NewID(url), Visit: time.Now().UnixMilli(), Priority: story.PriorityPage, URL: url, Listed: url,
		Source: story.Source{ID: weburl.SourceID(weburl.Host(url))}}
}

// run does turns until nothing waits; an entry that stays in line this many times over fails the test.
func (d *desk) run() {
	d.t.Helper()
	for range 200 {
		if len(d.queue) == 0 {
			return
		}
		d.turn()
	}
	d.t.Fatalf("still waiting: %+v", d.queue)
}

func (d *desk) turn() {
	d.t.Helper()
	e := d.queue[0]
	d.queue = d.queue[1:]
	host := weburl.HostToken(e.URL)
	state := d.hosts[host]
	state.NotBefore = time.Time{}
	d.f.pace.next = map[string]time.Time{}
	res, err := d.f.turn(d.t.Context(), story.Turn{Host: host, State: state, Entry: e, Deadline: time.Now().Add(10 * time.Second)})
	if err != nil {
		d.t.Fatalf("turn of %s: %v", e.URL, err)
	}
	d.hosts[host] = res.State
	d.pauses = append(d.pauses, res.Pause)
	if next := 0; !res.Done {
		if len(d.queue) > 0 && d.queue[0].Robots {
			next = 1 // it waits for that
		}
		d.queue = slices.Insert(d.queue, next, e)
	}
}

// poll does one poll of a feed as its schedule would.
func (d *desk) poll(in story.Feed) story.FeedState {
	d.t.Helper()
	st := d.feeds[in.ID]
	st.FreshUntil = time.Time{}
	if !st.PolledAt.IsZero() {
		st.PolledAt = time.Unix(1, 0) // long ago
	}
	d.feeds[in.ID] = st
	before := len(d.queue)
	if err := d.f.due(d.t.Context(), in.ID); err != nil || len(d.queue) == before {
		d.t.Fatalf("%s is not due: %v", in.URL, err)
	}
	d.run()
	return d.feeds[in.ID]
}

// outcomes are the settled outcomes by URL.
func (d *desk) outcomes() map[string]story.Outcome {
	out := map[string]story.Outcome{}
	for _, l := range d.ledger {
		if l.Outcome.Settled() {
			out[l.URL] = l.Outcome
		}
	}
	return out
}

func (d *desk) Work(context.Context, int, func(context.Context, story.Turn) (story.TurnResult, error)) error {
	return nil
}
func (d *desk) Enqueue(_ context.Context, entries ...story.Entry) error {
	for _, e := range entries {
		switch {
		case slices.ContainsFunc(d.queue, func(q story.Entry) bool { return q.ID == e.ID && q.URL == e.URL && q.Priority == e.Priority }):
		case e.Robots:
			d.queue = slices.Insert(d.queue, 0, e)
		default:
			d.queue = append(d.queue, e)
		}
	}
	return nil
}
func (d *desk) Later(_ context.Context, at time.Time, e story.Entry) error {
	d.later, d.queue = append(d.later, time.Until(at)), append(d.queue, e)
	return nil
}
func (d *desk) Wake(_ context.Context, id story.ID, every time.Duration) error {
	d.wakes[id] = every
	return nil
}
func (d *desk) Retire(_ context.Context, id story.ID) error {
	d.retired[id] = true
	delete(d.wakes, id)
	return nil
}
func (d *desk) Woken(context.Context) (map[story.ID]bool, error) {
	out := map[story.ID]bool{}
	for id := range d.wakes {
		out[id] = true
	}
	return out, nil
}
func (d *desk) Due(context.Context, func(context.Context, story.ID) error) error { return nil }
func (d *desk) WakeNew(_ context.Context, wakes ...story.Wake) error {
	for _, w := range wakes {
		if _, ok := d.wakes[w.Feed]; !ok {
			d.wakes[w.Feed], d.fresh = 0, append(d.fresh, w.Feed)
		}
	}
	return nil
}
func (d *desk) FeedState(_ context.Context, id story.ID) (story.FeedState, uint64, error) {
	return d.feeds[id], d.rev[id], nil
}
func (d *desk) PutFeedState(_ context.Context, st story.FeedState, rev uint64) error {
	if rev != d.rev[st.ID] {
		return fmt.Errorf("revision %d, have %d", rev, d.rev[st.ID])
	}
	d.feeds[st.ID] = st
	d.rev[st.ID]++
	return nil
}
func (d *desk) HostState(_ context.Context, host string) (story.HostState, uint64, error) {
	return d.hosts[host], 0, nil
}
func (d *desk) Subscription(_ context.Context, id story.ID) (story.Subscription, uint64, error) {
	d.subsMu.Lock()
	defer d.subsMu.Unlock()
	return d.subs[id], d.subsRev[id], nil
}
func (d *desk) PutSubscription(_ context.Context, sub story.Subscription, rev uint64) error {
	d.subsMu.Lock()
	defer d.subsMu.Unlock()
	if rev != d.subsRev[sub.Feed] {
		return fmt.Errorf("revision %d, have %d", rev, d.subsRev[sub.Feed])
	}
	d.subs[sub.Feed] = sub
	d.subsRev[sub.Feed]++
	return nil
}
func (d *desk) PublishPage(_ context.Context, p story.Page) error {
	if d.refuse != nil {
		return d.refuse
	}
	d.pages = append(d.pages, p)
	return nil
}
func (d *desk) PublishLedger(_ context.Context, entries ...story.LedgerEntry) error {
	d.ledger = append(d.ledger, entries...)
	return nil
}

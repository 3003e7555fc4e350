package fetcher

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// Reconciling writes once for each feed that changed, and nothing where nothing did.
func TestReconcile(t *testing.T) {
	a, b, c := feedAt("http://a.localhost/rss"), feedAt("http://b.localhost/rss"), feedAt("http://c.localhost/rss")
	c.Disabled = "asks for money"
	known, fixed := feedAt("http://known.localhost/rss"), feedAt("http://fixed.localhost/rss")
	fixed.Interval = time.Hour
	d := newDesk(t, nil, Config{}, a, b, c, known, fixed)
	d.wakes = map[story.ID]time.Duration{"left": time.Hour, c.ID: time.Hour, known.ID: 20 * time.Minute, fixed.ID: 20 * time.Minute}
	d.feeds[fixed.ID] = story.FeedState{ID: fixed.ID, State: StateOK, Interval: 20 * time.Minute}
	if err := d.f.reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.fresh, []story.ID{a.ID, b.ID}) || d.wakes[known.ID] != 20*time.Minute || !d.retired["left"] || !d.retired[c.ID] || len(d.retired) != 2 {
		t.Errorf("new %v, schedules %v, retired %v", d.fresh, d.wakes, d.retired)
	}
	if len(d.queue) != 1 || d.queue[0].URL != fixed.URL || d.queue[0].Priority != story.PriorityPoll {
		t.Errorf("a feed whose interval was set anew is not polled: %v", d.queue)
	}
	d.feeds[fixed.ID] = story.FeedState{ID: fixed.ID, State: StateOK, Interval: time.Hour}
	before := maps.Clone(d.wakes)
	if err := d.f.reconcile(t.Context()); err != nil || len(d.queue) != 1 || len(d.fresh) != 2 || len(d.retired) != 2 || !maps.Equal(before, d.wakes) {
		t.Errorf("a second time: %v %v %v %v", d.queue, d.fresh, d.wakes, err)
	}
}

// A feed whose schedule has died is polled all the same; the others are left to theirs.
func TestMissed(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		st   story.FeedState
		late bool
		want int
	}{
		"new":                      {},
		"new for long":             {late: true, want: 1},
		"in time":                  {st: story.FeedState{PolledAt: now.Add(-time.Minute), NextPoll: now.Add(time.Minute), Every: 2 * time.Minute}, late: true},
		"a little late":            {st: story.FeedState{PolledAt: now.Add(-6 * time.Minute), NextPoll: now.Add(-time.Minute), Every: 5 * time.Minute}},
		"late by an interval":      {st: story.FeedState{PolledAt: now.Add(-11 * time.Minute), NextPoll: now.Add(-6 * time.Minute), Every: 5 * time.Minute}, want: 1},
		"the server's word stands": {st: story.FeedState{PolledAt: now.Add(-11 * time.Minute), NextPoll: now.Add(-6 * time.Minute), Every: 5 * time.Minute, FreshUntil: now.Add(time.Hour)}},
		"gone":                     {st: story.FeedState{PolledAt: now.Add(-time.Hour), NextPoll: now.Add(goneFor - time.Hour), Every: goneFor, State: StateGone}},
	} {
		in := feedAt("http://a.localhost/rss")
		d := newDesk(t, nil, Config{}, in)
		d.feeds[in.ID] = c.st
		if err := d.f.look(t.Context(), []story.Feed{in}, c.late, now); err != nil || len(d.queue) != c.want {
			t.Errorf("%s: %d polls queued, want %d: %v", name, len(d.queue), c.want, err)
		}
	}
}

func TestDue(t *testing.T) {
	now := time.Now()
	in := feedAt("http://a.localhost/rss")
	for name, c := range map[string]struct {
		st      story.FeedState
		queued  int
		later   time.Duration
		wake    time.Duration
		request string
	}{
		"new":             {queued: 1, wake: 5 * time.Minute, request: in.URL},
		"known":           {st: story.FeedState{PolledAt: now.Add(-time.Hour)}, queued: 1, request: in.URL},
		"moved":           {st: story.FeedState{PolledAt: now.Add(-time.Hour), URL: "http://a.localhost/new"}, queued: 1, request: "http://a.localhost/new"},
		"fresh":           {st: story.FeedState{PolledAt: now.Add(-time.Hour), FreshUntil: now.Add(time.Minute)}, queued: 1, later: time.Minute, request: in.URL},
		"redirect cached": {st: story.FeedState{PolledAt: now.Add(-time.Hour), Hop: "http://b.localhost/x", HopUntil: now.Add(time.Minute)}, queued: 1, request: "http://b.localhost/x"},
		"gone":            {st: story.FeedState{PolledAt: now.Add(-time.Hour), State: StateGone}, wake: goneFor - time.Hour},
		"gone long ago":   {st: story.FeedState{PolledAt: now.Add(-31 * 24 * time.Hour), State: StateGone}, queued: 1, request: in.URL},
	} {
		d := newDesk(t, nil, Config{}, in)
		d.feeds[in.ID] = c.st
		if err := d.f.due(t.Context(), in.ID); err != nil {
			t.Fatal(err)
		}
		if len(d.queue) != c.queued || c.queued > 0 && d.queue[0].URL != c.request {
			t.Errorf("%s: queued %v", name, d.queue)
		}
		if (c.later > 0) != (len(d.later) > 0) || c.later > 0 && d.later[0] < c.later-time.Second {
			t.Errorf("%s: later %v", name, d.later)
		}
		if got := d.wakes[in.ID]; (got - c.wake).Abs() > time.Minute/2 {
			t.Errorf("%s: due again in %s, want %s", name, got, c.wake)
		}
	}
	d := newDesk(t, nil, Config{}, in)
	if err := d.f.due(t.Context(), "unknown"); err != nil || !d.retired["unknown"] || len(d.queue) > 0 {
		t.Errorf("a feed of no list keeps its schedule: %v", err)
	}
	// A feed that left the list while its poll waited is not requested.
	if err := d.f.due(t.Context(), in.ID); err != nil {
		t.Fatal(err)
	}
	d.f.feeds = feedlist.Of()
	d.run()
	if !d.retired[in.ID] {
		t.Error("not retired")
	}
}

// A poll that another has served since it was queued, or that comes before the server's word allows, makes no request.
func TestPollsThatNeedNotBeMade(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	s.on("a.localhost/rss", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=100")
		fmt.Fprint(w, rss(item("mailto:x", "x")))
	})
	d := newDesk(t, s, Config{}, in)
	st := d.poll(in)
	if wait := time.Until(st.FreshUntil); wait < 99*time.Second || wait > 101*time.Second {
		t.Errorf("fresh for %s", wait)
	}
	requests := len(s.seen())
	twice := d.f.pollEntry(in, st, st.PolledAt.Add(-time.Second))
	d.queue = append(d.queue, twice)
	d.run()
	early := d.f.pollEntry(in, st, time.Now())
	d.queue = append(d.queue, early)
	d.turn()
	if len(s.seen()) != requests || len(d.later) != 1 || d.later[0] < 95*time.Second {
		t.Errorf("requests %q, later %v", s.seen()[requests:], d.later)
	}
}

func TestCheck(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/ok", "text/xml", rss(item("/1", "x")))
	s.redirect("a.localhost/old", "http://b.localhost/ok", 301)
	s.text("b.localhost/ok", "text/xml", rss(item("/1", "x")))
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed")
	s.text("a.localhost/html", "text/html", `<html><head><link rel="alternate" type="application/rss+xml" href="/ok">`)
	v, err := NewVisitor(Config{HostDelay: time.Millisecond, ConnectTo: []string{"*.localhost=" + s.Listener.Addr().String()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for path, want := range map[string]Report{
		"ok": {State: StateOK, OK: true, Items: 1}, "old": {State: StateMoved, OK: true, Items: 1, FinalURL: "http://b.localhost/ok"},
		"closed": {State: StateRobots}, "html": {State: StateHTML, Links: []string{"http://a.localhost/ok"}}, "none": {State: StateNotFound},
	} {
		r := v.Check(t.Context(), feedAt("http://a.localhost/"+path))
		if r.State != want.State || r.OK != want.OK || r.Items != want.Items || r.FinalURL != want.FinalURL || !slices.Equal(r.Links, want.Links) {
			t.Errorf("%s: %+v", path, r)
		}
		if r.State != StateOK && (r.Reason == "" || r.Do == "") {
			t.Errorf("%s does not say what is wrong and what to do: %+v", path, r)
		}
	}
	if strings.Count(strings.Join(s.seen(), " "), "a.localhost/robots.txt") != 1 {
		t.Errorf("robots.txt was asked more than once: %q", s.seen())
	}
}

func TestGet(t *testing.T) {
	s := newSite(t)
	s.redirect("a.localhost/x", "/y", 302)
	s.text("a.localhost/y", "text/html", html)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed")
	cfg := Config{HostDelay: 30 * time.Millisecond, ConnectTo: []string{"*.localhost=" + s.Listener.Addr().String()}}
	p, err := Get(t.Context(), cfg, "http://a.localhost/x?utm_source=y")
	if err != nil || p.URL != "http://a.localhost/x" || p.FinalURL != "http://a.localhost/y" || p.Source.ID != "a_localhost" {
		t.Fatalf("%+v %v", p, err)
	}
	for i := 1; i < len(s.at); i++ {
		if gap := s.at[i].Sub(s.at[i-1]); gap < 30*time.Millisecond {
			t.Errorf("only %s between requests", gap)
		}
	}
	for url, want := range map[string]story.Outcome{"http://a.localhost/closed": story.Robots, "http://a.localhost/none": story.NotFound, "http://127.0.0.1/": story.ForbiddenAddress} {
		if _, err := Get(t.Context(), cfg, url); fault.Of(err).Outcome != string(want) {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
	}
}

func TestConfig(t *testing.T) {
	if faults := (Config{}).Validate(); len(faults) > 0 {
		t.Error(faults)
	}
	bad := Config{UserAgent: "(x)", HostDelay: -1, MinInterval: time.Hour, MaxInterval: time.Minute, AllowNetworks: []string{"10"}, ConnectTo: []string{"x"},
		MaxBytes: -1, Workers: -1, Timeout: time.Hour}
	var keys []string
	for _, err := range bad.Validate() {
		key, _, _ := strings.Cut(err.Error(), ":")
		keys = append(keys, key)
	}
	want := []string{"allow_networks", "connect_to", "host_delay", "max_bytes", "max_interval", "timeout", "user_agent", "workers"}
	if !slices.Equal(keys, want) {
		t.Errorf("%q, want %q", keys, want)
	}
}

func TestPaceKeepsRequestsApart(t *testing.T) {
	p := newPace(50 * time.Millisecond)
	if p.reserve("a", time.Second) != 0 || p.reserve("a", time.Second) == 0 || p.reserve("b", time.Second) != 0 {
		t.Error("a host under way is free, or another is not")
	}
	p.done("a", time.Now())
	began := time.Now()
	if err := p.wait(t.Context(), "a", time.Second); err != nil || time.Since(began) < 40*time.Millisecond {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

package fetcher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

func TestReconcile(t *testing.T) {
	a, b, c := feedAt("http://a.localhost/rss"), feedAt("http://b.localhost/rss"), feedAt("http://c.localhost/rss")
	c.Disabled = "asks for money"
	gone, known := feedAt("http://gone.localhost/rss"), feedAt("http://known.localhost/rss")
	d := newDesk(t, nil, Config{}, a, b, c, gone, known)
	now := time.Now()
	d.feeds[gone.ID] = story.FeedState{ID: gone.ID, State: StateGone, PolledAt: now.Add(-time.Hour)}
	d.feeds[known.ID] = story.FeedState{ID: known.ID, State: StateOK, Interval: 20 * time.Minute, NextPoll: now.Add(time.Minute)}
	d.wakes["left"] = time.Hour
	if err := d.f.reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	var queued []string
	for _, e := range d.queue {
		queued = append(queued, e.URL)
	}
	if !slices.Equal(queued, []string{a.URL, b.URL}) || d.queue[0].Priority != story.PriorityPoll {
		t.Errorf("queued %q", queued)
	}
	if len(d.wakes) != 3 || d.wakes[known.ID] != 20*time.Minute || !d.retired["left"] {
		t.Errorf("schedules %v, retired %v", d.wakes, d.retired)
	}
	if err := d.f.reconcile(t.Context()); err != nil || len(d.queue) != 2 {
		t.Errorf("a second time: %v %v", d.queue, err)
	}
	for _, id := range []story.ID{c.ID, gone.ID, "unknown"} {
		if _, ok, err := d.f.due(t.Context(), id); ok || err != nil {
			t.Errorf("%s is due", id)
		}
	}
	// A feed that left the list while its poll waited is not requested.
	d.f.feeds = feedlist.Of(b)
	d.queue = d.queue[:1]
	d.run()
	if !d.retired[a.ID] {
		t.Error("not retired")
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

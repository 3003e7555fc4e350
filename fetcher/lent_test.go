package fetcher

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// turnsAt makes sure that a desk's site is asked by turns of the host asked alone.
func (d *desk) turnsAt(s *site) {
	d.t.Helper()
	for range 500 {
		if len(d.queue) == 0 {
			return
		}
		host, before := weburl.HostToken(d.queue[0].URL), len(s.seen())
		if d.turn(); len(s.seen()) > before+1 {
			d.t.Fatalf("a turn made %d requests", len(s.seen())-before)
		}
		for _, at := range s.seen()[before:] {
			if weburl.HostToken("http://"+at) != host {
				d.t.Fatalf("a turn of %s asked for %s", host, at)
			}
		}
	}
	d.t.Fatalf("still waiting: %+v", d.queue)
}

// A robots.txt at another host is read in that host's turns, once for all who are sent there.
func TestRobotsElsewhere(t *testing.T) {
	s := newSite(t)
	for _, host := range []string{"a", "b", "c"} {
		s.redirect(host+".localhost/robots.txt", "http://house.localhost/robots.txt", 301)
		s.text(host+".localhost/open", "text/html", html)
	}
	s.text("house.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed\nCrawl-delay: 7")
	d := newDesk(t, s, Config{})
	for _, host := range []string{"a", "b", "c"} {
		d.queue = append(d.queue, page("http://"+host+".localhost/open"), page("http://"+host+".localhost/closed"))
	}
	d.turnsAt(s)
	want := []string{"a.localhost/robots.txt", "house.localhost/robots.txt", "a.localhost/open", "b.localhost/robots.txt", "b.localhost/open", "c.localhost/robots.txt", "c.localhost/open"}
	if got := s.seen(); !slices.Equal(got, want) {
		t.Errorf("asked for %q", got)
	}
	if got := d.outcomes()["http://c.localhost/closed"]; got != story.Robots || d.hosts["c_localhost"].Delay != 7*time.Second {
		t.Errorf("%q, %+v", got, d.hosts["c_localhost"])
	}
	// A day later both are asked again.
	for _, host := range []string{"c_localhost", "house_localhost"} {
		d.hosts[host].Rules["http"].FetchedAt = time.Now().Add(-25 * time.Hour)
	}
	s.text("house.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /")
	d.queue = append(d.queue, page("http://c.localhost/new"))
	d.turnsAt(s)
	if got := s.seen()[len(want):]; !slices.Equal(got, []string{"c.localhost/robots.txt", "house.localhost/robots.txt"}) || d.outcomes()["http://c.localhost/new"] != story.Robots {
		t.Errorf("%q, %v", got, d.outcomes())
	}
}

// Chains over hosts are followed for five redirects at least, and circles end: there is no robots.txt then (RFC 9309 section
// 2.3.1.2).
func TestRobotsChains(t *testing.T) {
	s := newSite(t)
	for i := range 9 {
		s.redirect(fmt.Sprintf("h%d.localhost/robots.txt", i), fmt.Sprintf("http://h%d.localhost/robots.txt", i+1), 302)
	}
	s.text("h9.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /x")
	s.redirect("x.localhost/robots.txt", "http://y.localhost/robots.txt", 302)
	s.redirect("y.localhost/robots.txt", "http://x.localhost/robots.txt", 302)
	s.redirect("p.localhost/robots.txt", "http://q.localhost/rules.txt", 302)
	s.redirect("q.localhost/rules.txt", "http://q.localhost/rules/2.txt", 302)
	s.text("q.localhost/rules/2.txt", "text/plain", "User-agent: *\nDisallow: /x")
	d := newDesk(t, s, Config{})
	for host, want := range map[string]story.Outcome{"h4": story.Robots, "x": story.NotFound, "p": story.Robots} {
		url := "http://" + host + ".localhost/x"
		d.queue = append(d.queue, page(url))
		d.turnsAt(s)
		if got := d.outcomes()[url]; got != want {
			t.Errorf("%s ends as %q, want %q; asked %q", url, got, want, s.seen())
		}
	}
	count := map[string]int{}
	for _, at := range s.seen() {
		if count[at]++; count[at] > 4 {
			t.Errorf("%s was asked %d times", at, count[at])
		}
	}
}

// Where the other host does not answer, or nobody comes to ask it, nothing is requested, and the reason names it.
func TestRobotsElsewhereFails(t *testing.T) {
	s := newSite(t)
	s.redirect("a.localhost/robots.txt", "http://down.localhost/robots.txt", 301)
	s.redirect("b.localhost/robots.txt", "http://big.localhost/rules.txt", 301)
	s.redirect("c.localhost/robots.txt", "http://busy.localhost/robots.txt", 301)
	s.on("down.localhost/robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	var big strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&big, "Disallow: /%x\n", uint32(i*2654435761))
	}
	s.text("big.localhost/rules.txt", "text/plain", "User-agent: *\n"+big.String())
	for _, host := range []string{"a", "b", "c"} {
		in := feedAt("http://" + host + ".localhost/rss")
		d := newDesk(t, s, Config{Timings: Timings{RobotsRetry: time.Hour}}, in)
		if err := d.f.due(t.Context(), in.ID); err != nil {
			t.Fatal(err)
		}
		if host == "c" {
			d.turn()
			d.turn()
			if len(d.queue) != 2 || !d.queue[0].Robots || d.pauses[1] <= 0 {
				t.Fatalf("%+v", d.queue)
			}
			d.queue = d.queue[1:] // nobody comes
			d.hosts["c_localhost"].Rules["http"].NextAt = time.Now().Add(-2 * time.Hour)
		}
		d.turnsAt(s)
		if st := d.feeds[in.ID]; st.State != StateNoRobots || !strings.Contains(st.Reason, "redirects to http://") {
			t.Errorf("%s: %s, %s", host, st.State, st.Reason)
		}
		if host := d.hosts[host+"_localhost"]; host.Failures != 1 || host.NotBefore.IsZero() {
			t.Errorf("%+v", host)
		}
	}
}

// A host remembers a few files for others.
func TestLentFilesAreFew(t *testing.T) {
	s := newSite(t)
	d := newDesk(t, s, Config{})
	for i := range 20 {
		s.redirect(fmt.Sprintf("h%d.localhost/robots.txt", i), fmt.Sprintf("http://house.localhost/rules/%d", i), 302)
		s.text(fmt.Sprintf("house.localhost/rules/%d", i), "text/plain", "User-agent: *\nDisallow: /x")
		d.queue = append(d.queue, page(fmt.Sprintf("http://h%d.localhost/x", i)))
	}
	d.turnsAt(s)
	lent := d.hosts["house_localhost"].Lent
	if _, last := lent["http://house.localhost/rules/19"]; len(lent) != lentMost || !last || len(d.outcomes()) != 20 {
		t.Errorf("%v, %v", lent, d.outcomes())
	}
}

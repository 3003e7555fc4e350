package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

const html = "<!DOCTYPE html><html><body><p>A story.</p></body></html>"

// What every status means, for a page and for a feed. The table of the product is compared with this one.
func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		outcome story.Outcome
		state   string
		retry   bool
	}{
		200: {"", "", false}, 203: {"", "", false}, 204: {story.NoText, StateEmpty, false}, 304: {story.FetchFailed, StateHTTPError, false}, 300: {story.FetchFailed, StateHTTPError, false},
		400: {story.FetchFailed, StateHTTPError, false}, 401: {story.Blocked, StateBlocked, false}, 402: {story.Blocked, StateBlocked, false},
		403: {story.Blocked, StateBlocked, false}, 404: {story.NotFound, StateNotFound, false}, 406: {story.FetchFailed, StateHTTPError, false},
		408: {story.FetchFailed, StateTimeout, true}, 410: {story.Gone, StateGone, false}, 429: {story.FetchFailed, StateHTTPError, true},
		451: {story.Blocked, StateBlocked, false}, 500: {story.FetchFailed, StateHTTPError, true}, 502: {story.FetchFailed, StateHTTPError, true},
		503: {story.FetchFailed, StateHTTPError, true}, 522: {story.FetchFailed, StateHTTPError, true}, 999: {story.FetchFailed, StateHTTPError, true},
	} {
		v := judge("http://a.localhost/", &web.Response{Status: status, Header: http.Header{}}, nil, time.Now())
		if v.outcome != want.outcome || v.state != want.state || v.retry != want.retry {
			t.Errorf("%d: %+v, want %+v", status, v, want)
		}
	}
	for kind := range failures {
		if r := failures[kind]; !r.outcome.Valid() || r.words == "" {
			t.Errorf("%s: %+v", kind, r)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{"": 0, "120": 2 * time.Minute, "-5": 0, "99999999": 24 * time.Hour, "soon": 0,
		"Fri, 20 Nov 2026 12:10:00 GMT": 10 * time.Minute, "Fri, 20 Nov 2020 12:10:00 GMT": 0, "Fri, 20 Nov 2037 12:10:00 GMT": 24 * time.Hour,
		"99999999999999999999999": 24 * time.Hour, "1e999": 24 * time.Hour, "1.5": 1500 * time.Millisecond, "NaN": 0, "-inf": 0, "Fri, 20 Nov 2026 12:10:00 +0000": 10 * time.Minute} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestOutcomesOfPages(t *testing.T) {
	s := newSite(t)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	s.text("a.localhost/ok", "text/html; charset=utf-8", html)
	s.text("a.localhost/untyped", "application/octet-stream", html)
	s.text("a.localhost/badtype", "text/html;charset", html)
	s.text("a.localhost/pdf", "application/pdf", "%PDF-1.7")
	s.text("a.localhost/feed", "application/rss+xml", "<rss/>")
	s.text("a.localhost/plain", "text/plain", "just text")
	s.on("a.localhost/empty", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") })
	for _, code := range []int{401, 402, 403, 410, 451, 500, 400} {
		s.on(fmt.Sprintf("a.localhost/%d", code), status(code))
	}
	s.on("a.localhost/wall", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cf-Mitigated", "challenge")
		w.WriteHeader(403)
	})
	s.text("a.localhost/wall200", "text/html", "<html><script>window._cf_chl_opt={}</script></html>")
	s.text("a.localhost/about", "text/html", "<html>"+strings.Repeat("<p>Sites use _cf_chl_opt and captchas.</p>", 1000)+"</html>")
	s.on("a.localhost/large", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "50000000") })
	s.redirect("a.localhost/self", "/self", 302)
	s.redirect("a.localhost/nowhere", "gopher://x/", 302)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed")
	want := map[string]story.Outcome{
		"pdf": story.NotHTML, "feed": story.NotHTML, "plain": story.NotHTML, "empty": story.NoText, "401": story.Blocked, "402": story.Blocked,
		"403": story.Blocked, "404": story.NotFound, "410": story.Gone, "451": story.Blocked, "500": story.FetchFailed, "400": story.FetchFailed,
		"wall": story.BotWall, "wall200": story.BotWall, "large": story.TooLarge, "self": story.FetchFailed, "nowhere": story.FetchFailed, "closed/x": story.Robots,
	}
	d := newDesk(t, s, Config{})
	for path := range want {
		d.queue = append(d.queue, page("http://a.localhost/"+path))
	}
	for _, path := range []string{"ok", "untyped", "badtype", "about"} {
		d.queue = append(d.queue, page("http://a.localhost/"+path))
	}
	d.run()
	got := d.outcomes()
	for path, outcome := range want {
		if got["http://a.localhost/"+path] != outcome {
			t.Errorf("%s: %q, want %q", path, got["http://a.localhost/"+path], outcome)
		}
	}
	if len(d.pages) != 4 || len(d.ledger) != len(want) {
		t.Errorf("%d pages, %d outcomes", len(d.pages), len(d.ledger))
	}
	for _, l := range d.ledger {
		if l.Reason == "" || l.Stage != story.StageFetcher {
			t.Errorf("%+v lacks a reason", l)
		}
		if l.Outcome == story.Robots && !strings.Contains(l.Reason, "Disallow: /closed") {
			t.Errorf("the rule is not named: %s", l.Reason)
		}
	}
	if slices.Contains(s.seen(), "a.localhost/closed/x") {
		t.Error("a page that robots.txt closes was requested")
	}
}

func TestForbiddenAddress(t *testing.T) {
	d := newDesk(t, nil, Config{})
	d.queue = append(d.queue, page("http://127.0.0.1:9/x"), page("http://printer.localhost/x"))
	d.run()
	for url, outcome := range d.outcomes() {
		if outcome != story.ForbiddenAddress {
			t.Errorf("%s: %s", url, outcome)
		}
	}
	if len(d.ledger) != 2 || len(d.later) > 0 {
		t.Errorf("%v, tried again %v", d.ledger, d.later)
	}
}

func TestPageAsItCame(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/x", "text/html; charset=windows-1251", html+strings.Repeat("\xcf", 2000))
	d := newDesk(t, s, Config{})
	e := page("http://a.localhost/x")
	e.Item = &story.Item{Title: "T"}
	d.queue = append(d.queue, e)
	d.run()
	p := d.pages[0]
	if p.ContentEncoding != "zstd" || p.ContentType != "text/html; charset=windows-1251" || p.Item.Title != "T" || p.FinalURL != e.URL || len(p.SHA256) != 64 || p.Visit != e.Visit {
		t.Errorf("%+v", p)
	}
	if got, err := (&web.Response{Header: http.Header{"Content-Encoding": {"zstd"}}, Body: p.Body}).Decoded(1<<20, 1000); err != nil || !strings.HasPrefix(string(got), html) {
		t.Errorf("%q %v", got, err)
	}
	d.refuse = fault.Drop(story.TooLarge, errors.New("too large to travel"))
	d.queue = append(d.queue, page("http://a.localhost/x?2"))
	d.run()
	if d.outcomes()["http://a.localhost/x?2"] != story.TooLarge {
		t.Errorf("%v", d.ledger)
	}
}

func TestOneRequestPerTurnRobotsFirst(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/x", "text/html", html)
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"))
	d.turn()
	if got := s.seen(); !slices.Equal(got, []string{"a.localhost/robots.txt"}) || len(d.queue) != 1 {
		t.Fatalf("first turn: %q", got)
	}
	d.turn()
	if got := s.seen(); len(got) != 2 || len(d.queue) != 0 {
		t.Fatalf("second turn: %q", got)
	}
	again := page("http://a.localhost/x")
	d.queue = append(d.queue, again)
	d.run()
	if len(s.seen()) != 2 || len(d.ledger) != 0 {
		t.Errorf("a page two feeds list was requested twice, or given another outcome: %q %v", s.seen(), d.ledger)
	}
	again.Revisit = true
	d.queue = append(d.queue, again)
	d.run()
	if len(s.seen()) != 3 {
		t.Error("a changed page was not requested again")
	}
}

func TestNotBeforeTheHostMay(t *testing.T) {
	s := newSite(t)
	d := newDesk(t, s, Config{})
	res, err := d.f.turn(t.Context(), story.Turn{Host: "a_localhost", Entry: page("http://a.localhost/x"), State: story.HostState{NotBefore: time.Now().Add(time.Minute)}})
	if err != nil || res.Done || res.Pause < 50*time.Second || len(s.seen()) > 0 {
		t.Errorf("%+v %v %q", res, err, s.seen())
	}
}

func TestPausesBetweenRequests(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nCrawl-delay: 7")
	s.text("a.localhost/x", "text/html", html)
	d := newDesk(t, s, Config{HostDelay: 20 * time.Millisecond})
	d.queue = append(d.queue, page("http://a.localhost/x"))
	d.run()
	for i, p := range d.pauses {
		if p < 6*time.Second || p > 8*time.Second {
			t.Errorf("pause %d is %s, want the Crawl-delay", i, p)
		}
	}
}

func TestRedirects(t *testing.T) {
	s := newSite(t)
	s.redirect("a.localhost/x", "/y?utm_source=kept", 302)
	s.redirect("a.localhost/y", "http://b.localhost/z", 301)
	s.text("b.localhost/z", "text/html", html)
	s.redirect("a.localhost/closed", "http://c.localhost/z", 301)
	s.text("c.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /z")
	for i := range 12 {
		s.redirect(fmt.Sprintf("a.localhost/%d", i), fmt.Sprintf("/%d", i+1), 302)
	}
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"), page("http://a.localhost/closed"), page("http://a.localhost/0"))
	visit := d.queue[0].Visit
	d.run()
	if len(d.pages) != 1 {
		t.Fatalf("%d pages: %+v", len(d.pages), d.ledger)
	}
	p := d.pages[0]
	if p.URL != "http://a.localhost/x" || p.FinalURL != "http://b.localhost/z" || p.ID != story.NewID(p.URL) || p.Visit != visit {
		t.Errorf("%+v", p)
	}
	got := d.outcomes()
	if got["http://a.localhost/closed"] != story.Robots || got["http://a.localhost/0"] != story.FetchFailed {
		t.Errorf("%v", got)
	}
	if slices.Contains(s.seen(), "c.localhost/z") {
		t.Error("robots.txt of the new host was not asked")
	}
}

func TestTransientFailuresAreTriedAgain(t *testing.T) {
	s := newSite(t)
	tries := 0
	s.on("a.localhost/x", func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(500)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, html)
	})
	s.on("a.localhost/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "<html><p>half")
	})
	s.on("a.localhost/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"), page("http://a.localhost/cut"))
	d.run()
	if len(d.pages) != 2 || len(d.ledger) != 0 || tries != 3 {
		t.Errorf("%d pages, %d tries, %v", len(d.pages), tries, d.ledger)
	}
	d.later, d.pauses = nil, nil
	d.queue = append(d.queue, page("http://a.localhost/busy"))
	d.run()
	if d.outcomes()["http://a.localhost/busy"] != story.FetchFailed || len(d.later) != len(DefaultTimings().Retries) || d.later[0] < 59*time.Minute || d.pauses[0] < 59*time.Minute {
		t.Errorf("%v, tried again after %v, host paused %v", d.ledger, d.later, d.pauses)
	}
}

func TestRobotsThatCannotBeRead(t *testing.T) {
	s := newSite(t)
	code := 503
	s.on("a.localhost/robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	s.text("a.localhost/x", "text/html", html)
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"))
	d.turn()
	d.turn()
	if len(d.queue) != 1 || slices.Contains(s.seen(), "a.localhost/x") || d.hosts["a_localhost"].Failures != 2 {
		t.Fatalf("a host that cannot say what it allows was asked: %q %+v", s.seen(), d.hosts)
	}
	code = 404
	d.run()
	if len(d.pages) != 1 {
		t.Fatal("4xx allows everything")
	}
	// A day later the file fails again: what was known last holds.
	code = 500
	st := d.hosts["a_localhost"]
	st.Rules["http"].FetchedAt = time.Now().Add(-25 * time.Hour)
	d.queue = append(d.queue, page("http://a.localhost/x?2"))
	d.run()
	if len(d.pages) != 2 {
		t.Error("the last good copy was not used")
	}
	// After thirty days it does not, and what waits is given up when the host has not worked for as long as we wait.
	st = d.hosts["a_localhost"]
	st.Rules["http"].FetchedAt, st.Rules["http"].GoodAt = time.Now().Add(-25*time.Hour), time.Now().Add(-31*24*time.Hour)
	d.hosts["a_localhost"] = st
	old := page("http://a.localhost/x?3")
	old.Visit = time.Now().Add(-7 * time.Hour).UnixMilli()
	d.queue = append(d.queue, old)
	d.turn()
	if len(d.queue) != 1 || d.hosts["a_localhost"].Since.IsZero() {
		t.Fatal("given up although the host has failed just once")
	}
	st = d.hosts["a_localhost"]
	st.Since = time.Now().Add(-7 * time.Hour)
	d.hosts["a_localhost"] = st
	d.run()
	if d.outcomes()["http://a.localhost/x?3"] != story.Robots || len(d.pages) != 2 {
		t.Errorf("%v", d.ledger)
	}
}

// A host that never works keeps its pages no longer than we wait, and they end with the reason.
func TestHostThatNeverWorks(t *testing.T) {
	closed := httptest.NewServer(nil)
	addr := closed.Listener.Addr().String()
	closed.Close()
	d := newDesk(t, nil, Config{Timings: Timings{Patience: 50 * time.Millisecond}, ConnectTo: []string{"down.localhost=" + addr}})
	d.queue = append(d.queue, page("http://down.localhost/x"))
	for began := time.Now(); len(d.queue) > 0; {
		if time.Since(began) > 20*time.Second {
			t.Fatal("it waits for ever")
		}
		d.turn()
	}
	last := d.ledger[len(d.ledger)-1]
	if last.Outcome != story.FetchFailed || !strings.Contains(last.Reason, "refuses connections") {
		t.Errorf("%+v", last)
	}
}

// http and https are two sites with a robots.txt each, and one pause.
func TestRobotsPerScheme(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed\nCrawl-delay: 3")
	s.text("a.localhost/x", "text/html", html)
	d := newDesk(t, s, Config{})
	st := withRules(story.HostState{}, "https", &story.RobotsState{FetchedAt: time.Now(), GoodAt: time.Now(), Verdict: robotsAllow, Delay: 5 * time.Second})
	d.hosts["a_localhost"] = st
	d.queue = append(d.queue, page("http://a.localhost/x"), page("http://a.localhost/closed"))
	d.run()
	if d.outcomes()["http://a.localhost/closed"] != story.Robots || s.seen()[0] != "a.localhost/robots.txt" || len(d.hosts["a_localhost"].Rules) != 2 {
		t.Errorf("%v %q", d.ledger, s.seen())
	}
	if d.hosts["a_localhost"].Delay != 5*time.Second || d.pauses[0] < 4*time.Second {
		t.Errorf("pause %s", d.hosts["a_localhost"].Delay)
	}
}

// A robots.txt is asked for again with its validators, and one that is the same holds for another day.
func TestRobotsAreAskedForConditionally(t *testing.T) {
	s := newSite(t)
	var asked []string
	s.on("a.localhost/robots.txt", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", `"r1"`)
		if r.Header.Get("If-None-Match") == `"r1"` {
			w.WriteHeader(304)
			return
		}
		fmt.Fprint(w, "User-agent: *\nDisallow: /closed")
	})
	d := newDesk(t, s, Config{})
	for range 2 {
		d.queue = append(d.queue, page("http://a.localhost/closed?"+strconv.Itoa(len(asked))))
		d.run()
		d.hosts["a_localhost"].Rules["http"].FetchedAt = time.Now().Add(-25 * time.Hour)
	}
	if !slices.Equal(asked, []string{"", `"r1"`}) || len(d.outcomes()) != 2 {
		t.Errorf("asked with %q: %v", asked, d.ledger)
	}
}

// A page that was edited is fetched again once, however many feeds say so, and only if it is newer.
func TestEditedPageOfTwoFeeds(t *testing.T) {
	s := newSite(t)
	var since []string
	s.on("a.localhost/x", func(w http.ResponseWriter, r *http.Request) {
		since = append(since, r.Header.Get("If-Modified-Since"))
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, html)
	})
	d := newDesk(t, s, Config{MinInterval: time.Second})
	edited := page("http://a.localhost/x")
	edited.Revisit, edited.Since = true, time.Now().Add(-time.Hour).UnixMilli()
	edited.Item = &story.Item{Title: "The minister denies it", Summary: "At noon."}
	again, other := edited, edited
	other.Item = &story.Item{Title: "The minister denies it all", Summary: "At one."}
	d.queue = append(d.queue, edited, again)
	d.run()
	if len(d.pages) != 1 || len(since) != 1 || since[0] == "" {
		t.Fatalf("%d pages, asked %q", len(d.pages), since)
	}
	time.Sleep(2100 * time.Millisecond) // past the shortest interval; the ring knows seconds
	d.queue = append(d.queue, other)
	d.run()
	if len(d.pages) != 2 {
		t.Errorf("another edit: %d pages", len(d.pages))
	}
	s.on("a.localhost/x", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) })
	time.Sleep(2100 * time.Millisecond)
	other.Item = &story.Item{Title: "The minister denies it all, once more", Summary: "At two."}
	d.queue = append(d.queue, other)
	d.run()
	if len(d.pages) != 2 || len(d.queue) > 0 || len(d.ledger) > 0 {
		t.Errorf("a page that is as it was: %d pages, %v", len(d.pages), d.ledger)
	}
}

// What a site refuses is told from the feed's own text where that is enough; a wall before page after page is not
// walked into again.
func TestFeedTextStandsIn(t *testing.T) {
	s := newSite(t)
	s.on("a.localhost/403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
	s.text("w.localhost/ok", "text/html", html)
	walls := 0
	for i := range 10 {
		s.on(fmt.Sprintf("w.localhost/%d", i), func(w http.ResponseWriter, _ *http.Request) {
			walls++
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(403)
		})
	}
	long := strings.Repeat("The pilot was found in the garage of his house. ", 4)
	d := newDesk(t, s, Config{})
	full, short := page("http://a.localhost/403?full"), page("http://a.localhost/403?short")
	full.Item, short.Item = &story.Item{Title: "Pilot found dead", Content: "<p>" + long}, &story.Item{Title: "Pilot found dead", Summary: "Read on"}
	d.queue = append(d.queue, full, short)
	d.run()
	if len(d.pages) != 1 || d.pages[0].URL != full.URL || d.pages[0].Instead == "" || d.pages[0].Item.Content == "" || len(d.pages[0].Body) > 0 {
		t.Errorf("%+v", d.pages)
	}
	if got := d.outcomes(); got[full.URL] != story.Blocked || got[short.URL] != story.Blocked || !strings.Contains(d.ledger[0].Reason, "feed's own text") {
		t.Errorf("%+v", d.ledger)
	}
	for i := range 10 {
		e := page(fmt.Sprintf("http://w.localhost/%d", i))
		if i == 9 {
			e.Item = full.Item
		}
		d.queue = append(d.queue, e)
	}
	d.run()
	if walls != wallsMost || len(d.outcomes()) != 12 || d.pages[1].URL != "http://w.localhost/9" || d.hosts["w_localhost"].Failures != wallsMost {
		t.Errorf("%d walls, %v, %+v", walls, d.outcomes(), d.hosts["w_localhost"])
	}
	st := d.hosts["w_localhost"]
	st.WallUntil = time.Now()
	d.hosts["w_localhost"] = st
	d.queue = append(d.queue, page("http://w.localhost/ok"))
	d.run()
	if len(d.pages) != 3 || d.hosts["w_localhost"].Walls != 0 {
		t.Errorf("the wall is down: %+v", d.hosts["w_localhost"])
	}
}

func TestRobotsRedirects(t *testing.T) {
	s := newSite(t)
	s.redirect("a.localhost/robots.txt", "http://b.localhost/robots.txt", 301)
	s.text("b.localhost/robots.txt", "text/plain", "User-agent: spywire\nDisallow: /x")
	s.redirect("c.localhost/robots.txt", "/robots.txt", 301)
	s.text("c.localhost/x", "text/html", html)
	d := newDesk(t, s, Config{})
	d.queue = append(d.queue, page("http://a.localhost/x"), page("http://c.localhost/x"))
	d.run()
	if d.outcomes()["http://a.localhost/x"] != story.Robots {
		t.Errorf("rules behind a redirect do not hold: %v", d.ledger)
	}
	if len(d.pages) != 1 {
		t.Error("a robots.txt that redirects for ever does not exist")
	}
}

func TestSeenRing(t *testing.T) {
	var ring []byte
	for i := range seenMost + 10 {
		ring = addSeen(ring, story.NewID(fmt.Sprint(i)))
	}
	if len(ring) != seenMost*seenBytes || hasSeen(ring, story.NewID("9")) || !hasSeen(ring, story.NewID("10")) || !hasSeen(ring, story.NewID(fmt.Sprint(seenMost+9))) {
		t.Errorf("ring of %d bytes", len(ring))
	}
}

package fetcher

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/story"
)

func rss(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>` + strings.Join(items, "") + `</channel></rss>`
}

var anHourAgo = time.Now().Add(-time.Hour).Format(time.RFC1123Z)

func item(link, title string) string {
	return fmt.Sprintf("<item><title>%s</title><link>%s</link><pubDate>%s</pubDate></item>", title, link, anHourAgo)
}

func TestPollListsEachItemOnce(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	s.text("a.localhost/rss", "application/rss+xml", rss(item("/1", "One"), item("http://b.localhost/2", "Two"), "<item><title>m</title><link>mailto:x@y.example</link></item>"))
	for _, at := range []string{"a.localhost/1", "b.localhost/2", "a.localhost/3"} {
		s.text(at, "text/html", html)
	}
	d := newDesk(t, s, Config{MinInterval: time.Second}, in)
	st := d.poll(in)
	if st.State != StateOK || len(st.Items) != 3 || len(d.pages) != 2 {
		t.Fatalf("%+v, %d pages", st, len(d.pages))
	}
	if p := d.pages[0]; p.Source.ID != "a_localhost" || p.Source.Name != "Harbour Post" || p.Feed != in.URL || p.Item.Title != "One" {
		t.Errorf("%+v", p)
	}
	if p := d.pages[1]; p.Source.Name != "b.localhost" {
		t.Errorf("another site's page is said to be %+v", p.Source)
	}
	listed, settled := 0, 0
	for _, l := range d.ledger {
		if l.Outcome == story.Listed {
			listed++
		} else if settled++; l.Outcome != story.FetchFailed || !strings.Contains(l.Reason, "mailto:") {
			t.Errorf("%+v", l)
		}
	}
	if listed != 3 || settled != 1 {
		t.Errorf("%d listed, %d settled", listed, settled)
	}
	d.ledger = nil
	s.text("a.localhost/rss", "application/rss+xml", rss(item("/3", "Three"), item("/1", "One"), item("http://b.localhost/2", "Two")))
	d.poll(in)
	if len(d.pages) != 3 || len(d.ledger) != 1 {
		t.Errorf("%d pages, %v", len(d.pages), d.ledger)
	}
	st = d.feeds[in.ID]
	for id, v := range st.Items {
		st.Items[id] = strings.Split(v, ".")[0] + ".1" // long ago
	}
	s.text("a.localhost/rss", "application/rss+xml", rss(item("/3", "Three, corrected"), item("/1", "One"), item("http://b.localhost/2", "Two")))
	d.poll(in)
	if len(d.pages) != 4 || d.pages[3].URL != "http://a.localhost/3" || len(d.ledger) != 1 {
		t.Errorf("a changed item: %d pages, %v", len(d.pages), d.ledger)
	}
}

func TestConditionalRequests(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	var tags []string
	s.on("a.localhost/rss", func(w http.ResponseWriter, r *http.Request) {
		tags = append(tags, r.Header.Get("If-None-Match")+"|"+r.Header.Get("If-Modified-Since"))
		w.Header().Set("ETag", `W/"1"`)
		w.Header().Set("Last-Modified", "Fri, 20 Nov 2026 12:00:00 GMT")
		if r.Header.Get("If-None-Match") != "" && len(tags) < 3 {
			w.WriteHeader(304)
			return
		}
		fmt.Fprint(w, rss(item("mailto:x", "x")))
	})
	d := newDesk(t, s, Config{}, in)
	d.poll(in)
	if st := d.poll(in); st.State != StateNotModified || tags[1] != `W/"1"|Fri, 20 Nov 2026 12:00:00 GMT` {
		t.Errorf("%q %+v", tags, st)
	}
	// A server that never says 304 is seen through by the bytes.
	if st := d.poll(in); st.State != StateNotModified || st.Failures != 0 {
		t.Errorf("%+v", st)
	}
}

// A feed that had nothing to say once is no empty feed: the same answer as before says what it said before.
func TestOneEmptyAnswer(t *testing.T) {
	s := newSite(t)
	answers := []int{http.StatusOK, http.StatusNoContent, http.StatusNotModified}
	s.on("a.localhost/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"x"`)
		w.WriteHeader(answers[0])
		if answers[0] == http.StatusOK {
			_, _ = io.WriteString(w, rss(item("http://a.localhost/1", "x")))
		}
	})
	in := feedAt("http://a.localhost/feed")
	d := newDesk(t, s, Config{}, in)
	for _, want := range []string{StateOK, StateEmpty, StateNotModified} {
		if st := d.poll(in); st.State != want {
			t.Errorf("after %d: %s (%s), want %s", answers[0], st.State, st.Reason, want)
		}
		answers = answers[1:]
	}
}

func TestFeedStates(t *testing.T) {
	s := newSite(t)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	s.text("a.localhost/ok", "text/xml", rss(item("mailto:x", "x")))
	s.text("a.localhost/empty", "text/xml", rss())
	s.text("a.localhost/undated", "text/xml", rss("<item><link>mailto:x</link></item>"))
	s.text("a.localhost/html", "text/html", `<html><head><link rel="alternate" type="application/rss+xml" href="/new.xml"></head>`)
	s.text("a.localhost/broken", "text/xml", "<rss><channel><tit")
	s.text("a.localhost/salvage", "text/xml", strings.TrimSuffix(rss(item("mailto:x", "x")), "</channel></rss>"))
	s.text("a.localhost/wall", "text/html", "<html><script>_cf_chl_opt</script>")
	var bomb bytes.Buffer // packed beforehand: that takes seconds where races are looked for
	z := gzip.NewWriter(&bomb)
	fmt.Fprint(z, strings.Repeat(" ", 20<<20))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s.on("a.localhost/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	for path, code := range map[string]int{"gone": 410, "403": 403, "500": 500, "429": 429} {
		s.on("a.localhost/"+path, status(code))
	}
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /no")
	s.redirect("a.localhost/circle", "/circle", 301)
	s.text("c.localhost/cp1251", "text/xml", rss("<item><title>\xcf\xee\xe3\xe8\xe1 \xef\xe5\xf0\xe5\xe1\xe5\xe6\xf7\xe8\xea \xe2 \xcc\xe0\xe4\xf0\xe8\xe4\xe5</title><link>mailto:x</link></item>"))
	for path, want := range map[string]string{
		"a.localhost/ok": StateOK, "a.localhost/empty": StateEmpty, "a.localhost/undated": StateUndated, "a.localhost/html": StateHTML, "a.localhost/broken": StateBadXML,
		"a.localhost/salvage": StateOK, "a.localhost/wall": StateBotWall, "a.localhost/bomb": StateTooLarge, "a.localhost/gone": StateGone, "a.localhost/403": StateBlocked,
		"a.localhost/404": StateNotFound, "a.localhost/500": StateHTTPError, "a.localhost/429": StateHTTPError, "a.localhost/no": StateRobots,
		"a.localhost/circle": StateHTTPError, "c.localhost/cp1251": StateUndated, "127.0.0.1:9/x": StateForbidden,
	} {
		in := feedAt("http://" + path)
		d := newDesk(t, s, Config{}, in)
		st := d.poll(in)
		if st.State != want {
			t.Errorf("%s: %s (%s), want %s", path, st.State, st.Reason, want)
		}
		if want == StateEmpty {
			if again := d.poll(in); again.State != StateEmpty || again.Reason == "" {
				t.Errorf("%s, the same answer again: %s (%s)", path, again.State, again.Reason)
			}
		}
		if bad := !healthy(st.State) && st.State != StateEmpty; bad && (st.Reason == "" || st.Failures != 1) {
			t.Errorf("%s: %+v", path, st)
		}
		if want == StateHTML && !strings.Contains(st.Reason, "http://a.localhost/new.xml") {
			t.Errorf("the feed the page links to is not named: %s", st.Reason)
		}
		if want == StateGone && d.wakes[in.ID] != goneFor {
			t.Error("a feed that is gone is not left alone")
		}
		if want != StateGone && d.wakes[in.ID] < d.f.cfg.MinInterval {
			t.Errorf("%s: next poll in %s", path, d.wakes[in.ID])
		}
		for _, l := range d.ledger {
			if l.ID == in.ID {
				t.Errorf("%s: a feed is in the ledger", path)
			}
		}
	}
}

func TestFeedThatMoved(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/old")
	s.redirect("a.localhost/old", "/new", 301)
	s.text("a.localhost/new", "text/xml", rss(item("mailto:x", "x")))
	d := newDesk(t, s, Config{}, in)
	for range 4 {
		if st := d.poll(in); st.State != StateMoved || st.URL != "" {
			t.Fatalf("believed too early: %+v", st)
		}
	}
	st := d.feeds[in.ID]
	st.MovedSince = time.Now().Add(-25 * time.Hour)
	d.feeds[in.ID] = st
	d.poll(in)
	before := len(s.seen())
	if st := d.poll(in); st.URL != "http://a.localhost/new" || st.State != StateMoved || len(s.seen()) != before+1 {
		t.Errorf("not adopted: %+v", st)
	}
	s.on("a.localhost/new", http.NotFound)
	before = len(s.seen())
	for range 10 {
		d.poll(in)
	}
	if slices.Contains(s.seen()[before:], "a.localhost/old") {
		t.Error("the old address was asked again")
	}
	// A redirect that says how long it is good for is not asked for again so long, and is believed no sooner for it.
	s.on("c.localhost/old", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=600")
		w.Header().Set("Location", "http://d.localhost/new")
		w.WriteHeader(301)
	})
	s.text("d.localhost/new", "text/xml", rss(item("mailto:x", "x")))
	cached := feedAt("http://c.localhost/old")
	d = newDesk(t, s, Config{}, cached)
	for range 5 {
		d.poll(cached)
	}
	if n := strings.Count(strings.Join(s.seen(), " ")+" ", "c.localhost/old "); n != 1 || d.feeds[cached.ID].State != StateMoved || d.feeds[cached.ID].URL != "" {
		t.Errorf("asked %d times, %+v", n, d.feeds[cached.ID])
	}
	s.redirect("b.localhost/old", "/new", 302)
	s.text("b.localhost/new", "text/xml", rss(item("mailto:x", "x")))
	temp := feedAt("http://b.localhost/old")
	d = newDesk(t, s, Config{}, temp)
	if st := d.poll(temp); len(st.Moves) != 0 || st.State != StateOK {
		t.Errorf("302: %+v", st)
	}
}

// A poll that meets a redirect while another is still on its way to where it led, and one that ends after another has
// ended, lose nothing and make no request again.
func TestPollsThatOverlap(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/old")
	s.redirect("a.localhost/old", "http://b.localhost/new", 301)
	d := newDesk(t, s, Config{}, in)
	var during func()
	s.on("b.localhost/new", func(w http.ResponseWriter, _ *http.Request) {
		if during != nil {
			during()
		}
		w.Header().Set("ETag", `"1"`)
		fmt.Fprint(w, rss(item("mailto:x", "x")))
	})
	during = func() {
		st := d.feeds[in.ID]
		noteMove(&st, "http://b.localhost/new", time.Hour, time.Now())
		d.feeds[in.ID] = st
		d.rev[in.ID]++
	}
	if st := d.poll(in); st.ETag != `"1"` || st.Moves["http://b.localhost/new"] != 2 || st.State != StateMoved {
		t.Errorf("%+v", st)
	}
	during = func() {
		st := d.feeds[in.ID]
		st.PolledAt, st.ETag = story.Instant(time.Now()), `"2"`
		d.feeds[in.ID] = st
		d.rev[in.ID]++
	}
	before := len(s.seen())
	if st := d.poll(in); st.ETag != `"2"` || len(s.seen()) != before+2 {
		t.Errorf("%+v, asked %q", st, s.seen()[before:])
	}
}

func TestIntervals(t *testing.T) {
	d := newDesk(t, nil, Config{MinInterval: 5 * time.Minute, MaxInterval: 6 * time.Hour})
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	doc := func(gap time.Duration, newest time.Duration) *feed.Document {
		out := &feed.Document{}
		for i := range 10 {
			at := now.Add(-newest - time.Duration(i)*gap)
			out.Items = append(out.Items, feed.Item{Item: story.Item{Published: &at}})
		}
		return out
	}
	for name, c := range map[string]struct {
		in    story.Feed
		st    story.FeedState
		got   poll
		fresh time.Duration
		want  time.Duration
	}{
		"busy":             {story.Feed{}, story.FeedState{}, poll{doc: doc(time.Minute, 0)}, 0, 5 * time.Minute},
		"fixed, max-age":   {story.Feed{Interval: time.Minute}, story.FeedState{}, poll{doc: doc(time.Hour, 0)}, time.Hour, time.Hour},
		"hourly":           {story.Feed{}, story.FeedState{}, poll{doc: doc(time.Hour, 0)}, 0, 30 * time.Minute},
		"weekly":           {story.Feed{}, story.FeedState{}, poll{doc: doc(168*time.Hour, 0)}, 0, 6 * time.Hour},
		"gone quiet":       {story.Feed{}, story.FeedState{}, poll{doc: doc(time.Minute, 8*time.Hour)}, 0, 2 * time.Hour},
		"max-age":          {story.Feed{}, story.FeedState{}, poll{doc: doc(time.Minute, 0)}, 20 * time.Minute, 20 * time.Minute},
		"max-age, long":    {story.Feed{}, story.FeedState{}, poll{doc: doc(time.Minute, 0)}, 20 * time.Hour, 20 * time.Hour},
		"ttl, absurd":      {story.Feed{}, story.FeedState{Hints: map[string]string{"ttl": "60000"}}, poll{doc: doc(time.Minute, 0)}, 0, 6 * time.Hour},
		"hourly, they say": {story.Feed{}, story.FeedState{Hints: map[string]string{"updatePeriod": "hourly", "updateFrequency": "2"}}, poll{doc: doc(time.Minute, 0)}, 0, 30 * time.Minute},
		"skipDays":         {story.Feed{}, story.FeedState{Hints: map[string]string{"skipDays": "Friday"}}, poll{doc: doc(time.Minute, 0)}, 0, 12*time.Hour + 5*time.Minute},
		"ttl":              {story.Feed{}, story.FeedState{Hints: map[string]string{"ttl": "45"}}, poll{doc: doc(time.Minute, 0)}, 0, 45 * time.Minute},
		"fixed":            {story.Feed{Interval: time.Minute}, story.FeedState{}, poll{doc: doc(time.Hour, 0)}, 0, time.Minute},
		"skipHours":        {story.Feed{}, story.FeedState{Hints: map[string]string{"skipHours": "12 13"}}, poll{doc: doc(time.Minute, 0)}, 0, 2*time.Hour + 5*time.Minute},
		"failed once":      {story.Feed{}, story.FeedState{Interval: time.Hour, Failures: 1}, poll{verdict: verdict{outcome: story.NotFound}}, 0, 2 * time.Hour},
		"failed often":     {story.Feed{}, story.FeedState{Interval: time.Hour, Failures: 9}, poll{verdict: verdict{outcome: story.NotFound}}, 0, 24 * time.Hour},
		"failed for ever":  {story.Feed{}, story.FeedState{Interval: time.Hour, Failures: 99}, poll{verdict: verdict{outcome: story.NotFound}}, 0, 7 * 24 * time.Hour},
		"asked to wait":    {story.Feed{}, story.FeedState{Interval: time.Hour, Failures: 1}, poll{verdict: verdict{outcome: story.FetchFailed}}, 9 * time.Hour, 9 * time.Hour},
		"unchanged":        {story.Feed{}, story.FeedState{Interval: time.Hour}, poll{}, 0, 75 * time.Minute},
	} {
		if got := d.f.nextPoll(c.in, &c.st, c.got, c.fresh, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestMaxAge(t *testing.T) {
	for value, want := range map[string]time.Duration{"": 0, "max-age=60": time.Minute, "public, MAX-AGE=90": 90 * time.Second, "no-cache": 0, "no-cache, max-age=60": 0, "max-age=99999999": 24 * time.Hour, "max-age=x": 0} {
		if got := maxAge(http.Header{"Cache-Control": {value}}); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
	if got := maxAge(http.Header{"Cache-Control": {"max-age=60"}, "Age": {"50"}}); got != 10*time.Second {
		t.Errorf("with Age: %s", got)
	}
}

package fetcher

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

const homePage = `<!DOCTYPE html><html><head><base href="/en/">
<link rel="alternate" type="application/rss+xml" title="The Quay » Comments Feed" href="/comments/feed/">
<link rel="alternate" hreflang="fr" href="/fr/">
<link rel="alternate" type="application/rss+xml" title="The Quay" href="feed">
<link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="/atom">
</head><body><a href="http://elsewhere.localhost/rss">theirs</a> <a href="/ports.rss">ports</a></body></html>`

func TestAPageOfTheListLeadsToItsFeed(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/", "text/html", homePage)
	s.redirect("a.localhost/en/feed", "/en/feed/", 301)
	s.text("a.localhost/en/feed/", "text/xml", rss(item("/1", "One")))
	s.text("a.localhost/1", "text/html", html)
	for _, kind := range []string{"", story.FeedPage} {
		in := feedAt("http://a.localhost/")
		in.Kind = kind
		d := newDesk(t, s, Config{}, in)
		st := d.poll(in)
		if st.State != StateOK || st.Found != "http://a.localhost/en/feed/" || len(d.pages) != 1 || !strings.Contains(st.Reason, st.Found+" is polled") {
			t.Fatalf("kind %q: %+v, %d pages", kind, st, len(d.pages))
		}
		if wants := strings.Contains(st.Reason, "write that into the list"); wants != (kind == "") {
			t.Errorf("kind %q: %s", kind, st.Reason)
		}
		before := len(s.seen())
		d.poll(in)
		if got := s.seen()[before:]; !slices.Equal(got, []string{"a.localhost/en/feed/"}) {
			t.Errorf("kind %q: the next poll asks for %v", kind, got)
		}
	}
	if slices.Contains(s.seen(), "a.localhost/comments/feed/") || slices.Contains(s.seen(), "elsewhere.localhost/rss") {
		t.Errorf("what is not the page's feed was asked for: %v", s.seen())
	}
}

func TestFoundFeedThatFailsIsSoughtAnew(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/")
	s.text("a.localhost/", "text/html", `<html><head><link rel=alternate type=application/rss+xml href=/old></head>`)
	s.text("a.localhost/old", "text/xml", rss(item("/1", "One")))
	d := newDesk(t, s, Config{}, in)
	d.poll(in)
	s.on("a.localhost/old", http.NotFound)
	s.text("a.localhost/", "text/html", `<html><head><link rel=alternate type=application/rss+xml href=/new></head>`)
	s.text("a.localhost/new", "text/xml", rss(item("/1", "One")))
	for range seekRegret {
		d.poll(in)
	}
	if st := d.poll(in); st.Found != "http://a.localhost/new" || st.State != StateOK || st.Failures != 0 {
		t.Errorf("%+v", st)
	}
}

func TestPageWithoutAFeed(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/news/")
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /rss\n")
	s.text("a.localhost/news/", "text/html", "<html><head><title>News</title></head>")
	s.text("a.localhost/feed", "text/html", "<html>Not found, says the status in words</html>")
	d := newDesk(t, s, Config{}, in)
	st := d.poll(in)
	if st.State != StateHTML || st.Failures != 1 || !strings.Contains(st.Reason, "no feed was found: tried http://a.localhost/feed, ") || !strings.Contains(st.Reason, "and 3 more") {
		t.Errorf("%+v", st)
	}
	if slices.Contains(s.seen(), "a.localhost/rss") || slices.Contains(s.seen(), "a.localhost/rss.xml") {
		t.Errorf("robots.txt was not obeyed: %v", s.seen())
	}
	before := len(s.seen())
	for range seekAgain - 1 {
		d.poll(in)
	}
	if got := len(s.seen()) - before; got > 2*seekAgain+8 {
		t.Errorf("%d requests in %d polls: %v", got, seekAgain-1, s.seen()[before:])
	}
}

func TestFeedThatBecameAPageIsReportedAndNotReplaced(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	s.text("a.localhost/rss", "text/xml", rss(item("/1", "One")))
	s.text("a.localhost/new", "text/xml", rss(item("/2", "Two")))
	s.text("a.localhost/3", "text/html", html)
	d := newDesk(t, s, Config{}, in)
	d.poll(in)
	s.text("a.localhost/rss", "text/html", `<html><head><link rel=alternate type=application/rss+xml href=/new></head>`)
	ledger := len(d.ledger)
	st := d.poll(in)
	if st.State != StateHTML || st.Found != "" || st.Failures != 1 || !strings.Contains(st.Reason, "its feed is now http://a.localhost/new: write that into the list") {
		t.Errorf("%+v", st)
	}
	if len(d.ledger) != ledger {
		t.Errorf("another feed's items were listed: %+v", d.ledger[ledger:])
	}
	s.text("a.localhost/rss", "text/xml", rss(item("/3", "Three")))
	if st := d.poll(in); st.Failures != 0 || strings.Contains(st.Reason, "web page") || len(d.pages) != 1 {
		t.Errorf("the feed is back: %+v", st)
	}
}

// A search puts the feed's schedule off, lest a poll that is queued anew take its place; however it ends, the schedule is
// the feed's own again.
func TestTheScheduleWaitsForASearch(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/")
	in.Interval = time.Minute
	s.text("a.localhost/", "text/html", "<html><body><p>Nothing here.</p></body></html>")
	d := newDesk(t, s, Config{MaxInterval: time.Hour}, in)
	s.on("a.localhost/feed", func(w http.ResponseWriter, r *http.Request) {
		if every := d.wakes[in.ID]; every != time.Hour {
			t.Errorf("while a feed is sought the next poll is due every %s", every)
		}
		http.NotFound(w, r)
	})
	for n := range 2*seekAgain + 2 {
		if st := d.feeds[in.ID]; n > 0 {
			st.NextPoll = time.Now() // on time, so that nothing else is amiss with its schedule
			d.feeds[in.ID] = st
		}
		if st := d.poll(in); st.State != StateHTML || d.wakes[in.ID] != st.Every {
			t.Errorf("poll %d: %s, due every %s, want %s", n, st.State, d.wakes[in.ID], st.Every)
		}
	}
	s.text("a.localhost/feed", "text/xml", rss(item("mailto:x", "x")))
	for range seekAgain {
		if st := d.poll(in); d.wakes[in.ID] != st.Every {
			t.Errorf("%s, due every %s, want %s", st.State, d.wakes[in.ID], st.Every)
		}
	}
	if !slices.Contains(s.seen(), "a.localhost/feed") {
		t.Error("no feed was sought")
	}
}

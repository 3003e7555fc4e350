package fetcher

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

func entryOf(loc, title string, at time.Time) string {
	return fmt.Sprintf("<url><loc>%s</loc><news:news><news:publication><news:name>The Quay</news:name><news:language>en</news:language></news:publication>"+
		"<news:publication_date>%s</news:publication_date><news:title>%s</news:title></news:news></url>", loc, at.Format(time.RFC3339), title)
}

func newsmap(entries ...string) string {
	return `<?xml version="1.0"?><urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">` + strings.Join(entries, "") + "</urlset>"
}

func sitemapAt(url string) story.Feed {
	return story.Feed{ID: story.NewID(url), URL: url, Kind: story.FeedSitemap}
}

func TestNewsSitemap(t *testing.T) {
	s := newSite(t)
	now := time.Now()
	var asked []string
	s.on("a.localhost/news.xml.gz", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match"))
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(304)
			return
		}
		w.Header().Set("Content-Type", "application/x-gzip")
		w.Header().Set("ETag", `"1"`)
		w.Write(gzipped(newsmap(entryOf("/1", "One", now.Add(-time.Hour)), entryOf("/old", "Old", now.Add(-72*time.Hour)), entryOf("/2", "Two", now.Add(-2*time.Hour)))))
	})
	s.text("a.localhost/1", "text/html", html)
	s.text("a.localhost/2", "text/html", html)
	in := sitemapAt("http://a.localhost/news.xml.gz")
	d := newDesk(t, s, Config{MinInterval: time.Minute}, in)
	st := d.poll(in)
	if st.State != StateOK || len(d.pages) != 2 || st.Listed != 3 || st.Newest.IsZero() {
		t.Fatalf("%+v, %d pages", st, len(d.pages))
	}
	p := d.pages[0]
	if p.Item.Title != "One" || p.Item.Lang != "en" || p.Item.Published == nil || p.Source.Name != "The Quay" || p.Feed != in.URL {
		t.Errorf("%+v %+v", p, p.Item)
	}
	if st := d.poll(in); st.State != StateNotModified || !slices.Equal(asked, []string{"", `"1"`}) {
		t.Errorf("%+v, asked %q", st, asked)
	}
}

// One URL through a feed and a sitemap is fetched once and seen twice.
func TestSitemapAndFeedAreOneFetch(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/news.xml", "text/xml", newsmap(entryOf("http://a.localhost/1?utm_source=map", "One", time.Now())))
	s.text("a.localhost/rss", "text/xml", rss(item("/1", "One")))
	s.text("a.localhost/1", "text/html", html)
	feed, sitemap := feedAt("http://a.localhost/rss"), sitemapAt("http://a.localhost/news.xml")
	d := newDesk(t, s, Config{}, feed, sitemap)
	d.poll(feed)
	d.poll(sitemap)
	sightings := map[string]int{}
	for _, l := range d.ledger {
		if l.Outcome == story.Listed && l.URL == "http://a.localhost/1" {
			sightings[l.Feed]++
		}
	}
	if len(d.pages) != 1 || sightings[feed.URL] != 1 || sightings[sitemap.URL] != 1 {
		t.Errorf("%d pages, %v", len(d.pages), sightings)
	}
}

func TestSitemapIndex(t *testing.T) {
	s := newSite(t)
	now := time.Now()
	part := func(loc string, at time.Time) string {
		if at.IsZero() {
			return "<sitemap><loc>" + loc + "</loc></sitemap>"
		}
		return "<sitemap><loc>" + loc + "</loc><lastmod>" + at.UTC().Format(time.RFC3339) + "</lastmod></sitemap>"
	}
	list := func(at time.Time) {
		s.text("a.localhost/index.xml", "text/xml", "<sitemapindex>"+part("/closed/map.xml", now)+part("/2019.xml", now.Add(-1000*time.Hour))+
			part("/today.xml", at)+part("/news.xml", time.Time{})+part("/nested.xml", now)+"</sitemapindex>")
	}
	list(now.Add(-time.Hour))
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed/\n")
	s.text("a.localhost/today.xml", "text/xml", newsmap(entryOf("/1", "One", now)))
	s.text("a.localhost/news.xml", "text/xml", newsmap(entryOf("/2", "Two", now)))
	s.text("a.localhost/nested.xml", "text/xml", index("/nested.xml", "/deep.xml"))
	s.text("a.localhost/deep.xml", "text/xml", newsmap(entryOf("/3", "Three", now))+"<url>")
	for _, path := range []string{"1", "2", "3", "4"} {
		s.text("a.localhost/"+path, "text/html", html)
	}
	in := sitemapAt("http://a.localhost/index.xml")
	d := newDesk(t, s, Config{MinInterval: time.Minute}, in)
	d.poll(in)
	count := func(path string) (n int) {
		for _, r := range s.seen() {
			if r == "a.localhost/"+path {
				n++
			}
		}
		return n
	}
	if len(d.pages) != 3 || count("2019.xml") != 0 || count("closed/map.xml") != 0 || count("nested.xml") > maxSitemapDepth {
		t.Fatalf("%d pages; asked %v", len(d.pages), s.seen())
	}
	if st := d.feeds[in.ID]; st.LastItem.IsZero() || st.State != StateOK || st.Parts["http://a.localhost/today.xml"] == 0 || !strings.Contains(st.Reason, "closed/map.xml") {
		t.Errorf("%+v", st)
	}
	for id := range d.wakes {
		if id != in.ID {
			t.Errorf("a part has a schedule: %s", id)
		}
	}
	// Only what says that it changed, or does not say when, is asked again.
	s.text("a.localhost/today.xml", "text/xml", newsmap(entryOf("/4", "Four", now), entryOf("/1", "One", now)))
	d.poll(in)
	if count("today.xml") != 1 || count("news.xml") != 2 || len(d.pages) != 3 {
		t.Errorf("today %d, news %d, %d pages", count("today.xml"), count("news.xml"), len(d.pages))
	}
	list(now)
	d.poll(in)
	if count("today.xml") != 2 || len(d.pages) != 4 || d.pages[3].URL != "http://a.localhost/4" {
		t.Errorf("today %d, %d pages", count("today.xml"), len(d.pages))
	}
}

func TestSitemapByWayOfRobots(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow:\nSitemap: http://a.localhost/news.xml\n")
	s.text("a.localhost/", "text/html", "<html><head><title>The Quay</title></head>")
	s.text("a.localhost/news.xml", "text/xml", newsmap(entryOf("/1", "One", time.Now())))
	s.text("a.localhost/1", "text/html", html)
	for _, in := range []story.Feed{sitemapAt("http://a.localhost/robots.txt"), sitemapAt("http://a.localhost/"), sitemapAt("http://a.localhost/none.xml"), feedAt("http://a.localhost/")} {
		d := newDesk(t, s, Config{}, in)
		if st := d.poll(in); len(d.pages) != 1 || st.State != StateOK {
			t.Errorf("%s (%s): %+v, %d pages", in.URL, in.Kind, st, len(d.pages))
		}
	}
}

func TestSitemapStates(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/empty.xml", "text/xml", newsmap())
	s.text("a.localhost/undated.xml", "text/xml", urlset("/1", "/2"))
	s.text("a.localhost/broken.xml", "text/xml", "<urlset><url><loc>/1</lo")
	s.text("a.localhost/cut.xml", "text/xml", strings.TrimSuffix(newsmap(entryOf("/1", "One", time.Now())), "</urlset>"))
	s.text("a.localhost/html", "text/html", "<html>no</html>")
	for path, want := range map[string]string{"empty.xml": StateEmpty, "undated.xml": StateUndated, "broken.xml": StateBadXML, "cut.xml": StateOK, "html": StateHTML, "404.xml": StateHTML} {
		in := sitemapAt("http://a.localhost/" + path)
		d := newDesk(t, s, Config{}, in)
		if st := d.poll(in); st.State != want || want != StateOK && st.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", path, st.State, st.Reason, want)
		}
		if len(d.pages) > 1 {
			t.Errorf("%s: %d pages", path, len(d.pages))
		}
	}
}

// Sitemaps without a date are asked in turn, after an answer that nothing has changed too; those of news every time.
func TestUndatedSitemapsTakeTurns(t *testing.T) {
	s := newSite(t)
	const parts = 13
	body := "<sitemapindex><sitemap><loc>/news.xml</loc></sitemap>"
	for i := range parts {
		body += fmt.Sprintf("<sitemap><loc>/p%d.xml</loc></sitemap>", i)
		s.text(fmt.Sprintf("a.localhost/p%d.xml", i), "text/xml", newsmap(""))
	}
	s.text("a.localhost/news.xml", "text/xml", newsmap(""))
	s.text("a.localhost/index.xml", "text/xml", body+"</sitemapindex>")
	in := sitemapAt("http://a.localhost/index.xml")
	d := newDesk(t, s, Config{MinInterval: time.Minute}, in)
	for range 6 {
		d.poll(in)
		for id, st := range d.feeds { // as if a minute had passed
			st.PolledAt = time.Time{}
			for url, asked := range st.Parts {
				if asked < 0 {
					st.Parts[url] = asked + 60
				}
			}
			d.feeds[id] = st
		}
	}
	count := map[string]int{}
	for _, at := range s.seen() {
		count[at]++
	}
	for i := range parts {
		if n := count[fmt.Sprintf("a.localhost/p%d.xml", i)]; n < 2 || n > 3 {
			t.Errorf("part %d was asked %d times in 6 polls", i, n)
		}
	}
	if count["a.localhost/news.xml"] != 6 {
		t.Errorf("the news were asked %d times", count["a.localhost/news.xml"])
	}
}

// A sitemap that cannot be read is told of until it can: not only between its poll and the next of its index.
func TestFaultOfASitemapStays(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed/\n")
	s.text("a.localhost/news.xml", "text/xml", newsmap(entryOf("/1", "One", time.Now())))
	s.text("a.localhost/index.xml", "text/xml", "<sitemapindex><sitemap><loc>/closed/map.xml</loc></sitemap><sitemap><loc>/bad.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>")
	in := sitemapAt("http://a.localhost/index.xml")
	d := newDesk(t, s, Config{MinInterval: time.Minute}, in)
	reason := d.poll(in).Reason
	if !strings.Contains(reason, "closed/map.xml") || !strings.Contains(reason, "bad.xml: is not there") {
		t.Fatal(reason)
	}
	for range 2 {
		if err := d.f.due(t.Context(), in.ID); err != nil {
			t.Fatal(err)
		}
		st := d.feeds[in.ID]
		st.PolledAt, st.FreshUntil = time.Time{}, time.Time{}
		d.feeds[in.ID] = st
		if d.turn(); d.feeds[in.ID].Reason != reason || d.feeds[in.ID].State != StateNotModified {
			t.Errorf("%s after its index alone was polled: %s", d.feeds[in.ID].State, d.feeds[in.ID].Reason)
		}
		if d.run(); d.feeds[in.ID].Reason != reason {
			t.Errorf("after its sitemaps: %s", d.feeds[in.ID].Reason)
		}
	}
	s.text("a.localhost/bad.xml", "text/xml", newsmap(entryOf("/2", "Two", time.Now())))
	if d.poll(in); strings.Contains(d.feeds[in.ID].Reason, "bad.xml") || !strings.Contains(d.feeds[in.ID].Reason, "closed") {
		t.Errorf("after it could be read: %s", d.feeds[in.ID].Reason)
	}
	s.text("a.localhost/index.xml", "text/xml", "<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>")
	if d.poll(in); d.feeds[in.ID].Reason != "" {
		t.Errorf("after it was listed no more: %s", d.feeds[in.ID].Reason)
	}
}

// An index of very long addresses does not outgrow the message that its state is.
func TestIndexOfLongAddresses(t *testing.T) {
	s := newSite(t)
	var body strings.Builder
	for i := range 900 {
		fmt.Fprintf(&body, "<sitemap><loc>/%d/%s.xml</loc></sitemap>", i, strings.Repeat("x", 1500))
	}
	s.text("a.localhost/index.xml", "text/xml", "<sitemapindex>"+body.String()+"</sitemapindex>")
	in := sitemapAt("http://a.localhost/index.xml")
	d := newDesk(t, s, Config{MinInterval: time.Minute}, in)
	d.poll(in)
	if data, err := json.Marshal(d.feeds[in.ID]); err != nil || len(data) > 600<<10 || len(d.feeds[in.ID].Parts) < 100 {
		t.Errorf("a state of %d bytes, %d parts, %v", len(data), len(d.feeds[in.ID].Parts), err)
	}
}

package fetcher

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/internal/story"
)

func index(parts ...string) string {
	return "<sitemapindex><sitemap><loc>" + strings.Join(parts, "</loc></sitemap><sitemap><loc>") + "</loc></sitemap></sitemapindex>"
}

func urlset(pages ...string) string {
	return "<urlset><url><loc>" + strings.Join(pages, "</loc></url><url><loc>") + "</loc></url></urlset>"
}

func TestWalk(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /closed\nSitemap: http://a.localhost/index.xml\nSitemap: http://a.localhost/closed.xml")
	s.text("a.localhost/index.xml", "text/xml", index("/one.xml.gz", "/index.xml", "http://b.localhost/two.xml", "/gone.xml", "/feed", "/deep1.xml", "/page"))
	s.on("a.localhost/one.xml.gz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		w.Write(gzipped(urlset("/1", "/2")))
	})
	s.text("b.localhost/two.xml", "text/xml", urlset("http://a.localhost/3")+"<url>")
	s.text("a.localhost/feed", "text/xml", rss(item("/4", "Four")))
	s.text("a.localhost/page", "text/html", "<html><body>Our sitemap</body></html>")
	for i := range 6 {
		s.text(fmt.Sprintf("a.localhost/deep%d.xml", i), "text/xml", index(fmt.Sprintf("/deep%d.xml", i+1)))
	}
	d := newDesk(t, s, Config{})
	v, err := NewVisitor(d.f.cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var pages []string
	trouble := map[string]string{}
	err = v.Walk(t.Context(), "http://a.localhost", sitemap.Options{Undated: true}, Walk{
		Found: func(url string, doc sitemap.Document) error {
			for _, p := range doc.Pages {
				pages = append(pages, p.URL)
			}
			return nil
		},
		Trouble:  func(url string, err error) { trouble[url] = err.Error() },
		Progress: func(string, int, int) {},
	})
	slices.Sort(pages)
	if want := "http://a.localhost/1 http://a.localhost/2 http://a.localhost/3 http://a.localhost/4"; err != nil || strings.Join(pages, " ") != want {
		t.Errorf("%v, %v", pages, err)
	}
	for url, want := range map[string]string{
		"http://a.localhost/closed.xml": "robots.txt of the host says", "http://a.localhost/gone.xml": "status 404", "http://a.localhost/page": "a web page, not a sitemap",
		"http://a.localhost/deep3.xml": "nested more than 3 deep",
	} {
		if !strings.Contains(trouble[url], want) {
			t.Errorf("%s: %q, want %q", url, trouble[url], want)
		}
	}
	if len(trouble) != 4 {
		t.Error(trouble)
	}
	for i, path := range s.seen() {
		if host, _, _ := strings.Cut(path, "/"); !slices.Contains(s.seen()[:i+1], host+"/robots.txt") || path == "a.localhost/closed.xml" {
			t.Errorf("%s was requested against robots.txt, or before it", path)
		}
		if slices.Contains(s.seen()[:i], path) && !strings.HasSuffix(path, "robots.txt") {
			t.Errorf("%s was requested twice", path)
		}
	}
}

func TestByHand(t *testing.T) {
	at := time.Date(2024, 2, 13, 0, 0, 0, 0, time.UTC)
	p := sitemap.Page{URL: "https://a.example/x", Published: at, Title: "A pilot", Lang: "es", Keywords: []string{"pilots"}}
	e, l, err := ByHand("HTTPS://a.example:443/x?utm_source=y#z", ItemOf(p), nil, false, at)
	if err != nil || e.URL != p.URL || e.Priority != story.PriorityBackfill || e.Item.Title != "A pilot" || e.Item.Lang != "es" || !e.Item.Published.Equal(at) || e.Revisit {
		t.Errorf("%+v, %v", e, err)
	}
	if l.ID != e.ID || l.Outcome != story.Listed || l.Reason != "asked for by hand" || l.Visit != e.Visit {
		t.Errorf("%+v", l)
	}
	if e, _, _ := ByHand(p.URL, ItemOf(p), nil, true, at); !e.Revisit || e.Item != nil {
		t.Errorf("again: %+v", e)
	}
	for _, bad := range []string{"", "ftp://a.example/x", "file:///etc/passwd", "javascript:alert(1)", "a.example/x", "http://", "mailto:x@a.example"} {
		if e, _, err := ByHand(bad, nil, nil, false, at); err == nil {
			t.Errorf("%q is taken for %q", bad, e.URL)
		}
	}
}

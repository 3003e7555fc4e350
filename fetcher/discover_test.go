package fetcher

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDiscover(t *testing.T) {
	s := newSite(t)
	s.text("a.localhost/", "text/html", homePage)
	s.redirect("a.localhost/en/feed", "/en/feed/", 302)
	s.text("a.localhost/en/feed/", "text/xml", `<rss version="2.0"><channel><title>The Quay</title><language>en-GB</language>`+item("/1", "One")+`</channel></rss>`)
	s.text("a.localhost/ports.rss", "text/xml", rss(item("/2", "Two")))
	s.text("b.localhost/", "text/html", "<html><body>No links</body></html>")
	s.text("b.localhost/rss.xml", "text/xml", rss(item("/1", "One")))
	s.text("c.localhost/robots.txt", "text/plain", "User-agent: *\nDisallow: /rss\nSitemap: http://c.localhost/news.xml")
	s.text("c.localhost/", "text/html", "<html><body>No links</body></html>")
	s.text("d.localhost/list", "text/xml", `<?xml version="1.0"?><opml version="2.0"><body><outline xmlUrl="https://a.example/"/></body></opml>`)
	s.text("d.localhost/", "text/html", "<html><body>No links</body></html>")
	v, err := NewVisitor(Config{ConnectTo: []string{"*.localhost=" + s.Listener.Addr().String()}, HostDelay: time.Millisecond, Timeout: 5 * time.Second}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for at, want := range map[string]string{
		"http://a.localhost/": "http://a.localhost/en/feed http://a.localhost/ports.rss", "http://a.localhost/ports.rss": "http://a.localhost/ports.rss",
		"http://b.localhost": "http://b.localhost/rss.xml", "http://c.localhost": "http://c.localhost/robots.txt",
	} {
		d, err := v.Discover(t.Context(), at)
		var urls []string
		for _, f := range d.Feeds {
			urls = append(urls, f.URL)
		}
		if err != nil || strings.Join(urls, " ") != want {
			t.Errorf("%s: %v, %v", at, urls, err)
		}
		switch at {
		case "http://a.localhost/":
			if f := d.Feeds[0]; !d.Page || f.Title != "The Quay" || f.Outlet != "The Quay" || f.Lang != "en-gb" || !strings.Contains(d.Failed["http://a.localhost/atom"], "404") {
				t.Errorf("%+v", d)
			}
		case "http://c.localhost":
			if d.Feeds[0].Kind != "sitemap" || slices.Contains(s.seen(), "c.localhost/rss") {
				t.Errorf("%+v, asked %v", d, s.seen())
			}
		}
	}
	if d, err := v.Discover(t.Context(), "http://d.localhost/list"); err != nil || !strings.Contains(string(d.List), "a.example") {
		t.Errorf("%+v, %v", d, err)
	}
	for at, want := range map[string]string{"http://d.localhost/": "no feed was found by it: 7 addresses were tried", "http://d.localhost/none": "status 404", "ftp://d": "ftp"} {
		if _, err := v.Discover(t.Context(), at); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

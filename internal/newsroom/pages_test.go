package newsroom_test

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/text/encoding/charmap"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// items are the normalised URLs that a feed lists, after redirects. The broken one is read as far as it is whole.
func items(t *testing.T, n *newsroom.Newsroom, url string) []string {
	t.Helper()
	w := get(n, url)
	for w.Code == http.StatusMovedPermanently || w.Code == http.StatusServiceUnavailable {
		if to := w.Header().Get("Location"); to != "" {
			url = to
		}
		w = get(n, url)
	}
	if w.Code != http.StatusOK || strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return nil
	}
	body := w.Body.String()
	if !strings.Contains(body, "</rss>") && strings.Contains(body, "<rss") {
		body = body[:strings.LastIndex(body, "</item>")] + "</item></channel></rss>"
	}
	feed, err := gofeed.NewParser().ParseString(body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	var urls []string
	for _, item := range feed.Items {
		normal, err := weburl.Normalize(item.Link)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if item.PublishedParsed == nil && !strings.Contains(url, "islander") && !strings.Contains(url, "wisla") {
			t.Errorf("%s: %s has no date", url, item.Link)
		}
		urls = append(urls, normal)
	}
	return urls
}

func TestFeedsListWhatIsExpected(t *testing.T) {
	n := open(t, newsroom.Options{Load: 500, LoadHosts: 3})
	listed := map[string]bool{}
	for _, f := range n.Feeds() {
		if f.ID != story.NewID(f.URL) || f.Lang == "" || len(f.Country) != 2 {
			t.Errorf("feed %+v", f)
		}
		for _, url := range items(t, n, f.URL) {
			listed[url] = true
		}
	}
	for _, e := range n.Expectations() {
		if !listed[e.URL] {
			t.Errorf("%s is in no feed", e.URL)
		}
		delete(listed, e.URL)
	}
	for url := range listed {
		t.Errorf("%s is listed and nothing is expected of it", url)
	}
}

func TestPagesPrintTheirText(t *testing.T) {
	n := open(t, newsroom.Options{Load: 60})
	for _, e := range n.Expectations() {
		if e.Outcome != story.Stored && e.Outcome != story.NotRelevant && e.Outcome != story.Merged {
			continue
		}
		w := get(n, e.URL)
		if w.Code == http.StatusTooManyRequests || w.Code == http.StatusServiceUnavailable {
			if w.Header().Get("Retry-After") == "" {
				t.Errorf("%s: %d without Retry-After", e.URL, w.Code)
			}
			w = get(n, e.URL)
		}
		if to := w.Header().Get("Location"); to != "" {
			w = get(n, to)
		}
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", e.URL, w.Code)
		}
		page := w.Body.String()
		if strings.HasPrefix(e.Host, "vechernyi") {
			utf8, err := charmap.Windows1251.NewDecoder().String(page)
			if err != nil {
				t.Fatal(err)
			}
			page = utf8
		}
		page = html.UnescapeString(page)
		if strings.Contains(page, e.Published.Format(time.RFC3339)) == e.DayOnly {
			t.Errorf("%s: the time of %v is there exactly if the day only is expected", e.URL, e.Published)
		}
		for _, text := range append(strings.Split(e.Text, "\n\n"), e.Authors...) {
			if !strings.Contains(page, text) && weburl.SourceID(e.Host)[:4] != "load" {
				t.Errorf("%s does not print %q", e.URL, text)
			}
		}
	}
}

func TestOddAnswers(t *testing.T) {
	n := open(t, newsroom.Options{})
	want := map[story.Outcome][]int{story.NotFound: {404}, story.Gone: {410}, story.Blocked: {401, 403}, story.BotWall: {403}}
	for _, e := range n.Expectations() {
		w := get(n, e.URL)
		if codes := want[e.Outcome]; codes != nil && !slices.Contains(codes, w.Code) {
			t.Errorf("%s: %d for %s", e.URL, w.Code, e.Outcome)
		}
		if e.Outcome == story.BotWall && w.Header().Get("Cf-Mitigated") != "challenge" {
			t.Errorf("%s does not say who blocks", e.URL)
		}
		if e.Outcome == story.TooLarge && (w.Body.Len() > 1<<20 || w.Header().Get("Content-Encoding") != "gzip") {
			t.Errorf("%s: %d bytes on the wire", e.URL, w.Body.Len())
		}
	}
	for url, code := range map[string]int{
		"http://dispatch.localhost/robots.txt": 200, "http://islander.localhost/robots.txt": 404, "http://closed.localhost/robots.txt": 500,
		"http://dispatch.localhost/": 200, "http://dispatch.localhost/nowhere": 404, "http://reader.localhost/robots.txt": 404, "http://example.com/": 421,
	} {
		if w := get(n, url); w.Code != code {
			t.Errorf("%s: %d, want %d", url, w.Code, code)
		}
	}
}

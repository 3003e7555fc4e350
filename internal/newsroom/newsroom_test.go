package newsroom_test

import (
	"html"
	"net/http"
	"net/http/httptest"
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

func open(t *testing.T, opts newsroom.Options) *newsroom.Newsroom {
	t.Helper()
	n, err := newsroom.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// get asks for a URL, with header as pairs of name and value.
func get(n *newsroom.Newsroom, url string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w
}

func TestExpectationsAreCoherent(t *testing.T) {
	n := open(t, newsroom.Options{})
	hosts, langs, outcomes := map[string]bool{}, map[string]bool{}, map[story.Outcome]int{}
	written, ids, titles := 0, map[story.ID]newsroom.Expectation{}, map[string]string{}
	for _, e := range n.Expectations() {
		normal, err := weburl.Normalize(e.URL)
		if err != nil || normal != e.URL || e.ID != story.NewID(e.URL) {
			t.Errorf("%s: normal form %q, %v, id %s", e.URL, normal, err, e.ID)
		}
		if ids[e.ID].URL != "" {
			t.Errorf("%s is expected twice", e.URL)
		}
		ids[e.ID] = e
		outcomes[e.Outcome]++
		for _, l := range e.Labels {
			if l != "intelligence_operation" && l != "defector_death" {
				t.Errorf("%s: label %q", e.URL, l)
			}
		}
		if (e.Outcome == story.Merged) != (e.Into != "") {
			t.Errorf("%s: %s into %q", e.URL, e.Outcome, e.Into)
		}
		if e.Outcome != story.Merged {
			if other := titles[e.Title]; other != "" {
				t.Errorf("%s and %s have one title", e.URL, other)
			}
			titles[e.Title] = e.URL
		}
		if e.Outcome == story.Stored || e.Outcome == story.NotRelevant {
			written++
			hosts[e.Host], langs[e.Lang] = true, true
			if words := len(strings.Fields(e.Text)); words < 40 && e.Lang != "zh" {
				t.Errorf("%s has %d words", e.URL, words)
			}
		}
	}
	for id, e := range ids {
		if e.Into != "" && ids[e.Into].Outcome != story.Stored {
			t.Errorf("%s %s merges into what is not stored", id, e.URL)
		}
	}
	if len(hosts) < 10 || written < 66 || len(langs) < 9 {
		t.Errorf("%d outlets, %d articles, %d languages", len(hosts), written, len(langs))
	}
	for _, o := range []story.Outcome{story.Stored, story.NotRelevant, story.Merged, story.Robots, story.NotFound, story.Gone, story.BotWall,
		story.Blocked, story.ForbiddenAddress, story.TooLarge, story.NotHTML, story.NoText} {
		if outcomes[o] == 0 {
			t.Errorf("nothing is expected to end as %s", o)
		}
	}
}

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
	n := open(t, newsroom.Options{Load: 2500, LoadHosts: 7})
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
	n := open(t, newsroom.Options{Load: 200})
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

func TestTheWorldIsTheSameTwice(t *testing.T) {
	a, b := open(t, newsroom.Options{Load: 60, Seed: 3}), open(t, newsroom.Options{Load: 60, Seed: 3, Now: func() time.Time { return time.Unix(0, 0) }})
	for i, e := range a.Expectations() {
		first, second := get(a, e.URL), get(b, e.URL)
		withPort := strings.Replace(e.URL, ".localhost/", ".localhost:8123/", 1)
		third := get(a, withPort)
		if first.Code != http.StatusTooManyRequests && first.Code != http.StatusServiceUnavailable && first.Body.String() != third.Body.String() {
			t.Errorf("%s depends on the port", e.URL)
		}
		if first.Body.String() != second.Body.String() || b.Expectations()[i].ID != e.ID {
			t.Errorf("%s differs between two newsrooms", e.URL)
		}
	}
	for _, f := range a.Feeds() {
		if get(a, f.URL).Body.String() != get(b, f.URL).Body.String() {
			t.Errorf("%s differs between two newsrooms", f.URL)
		}
	}
}

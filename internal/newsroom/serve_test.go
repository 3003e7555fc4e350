package newsroom_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

func TestConditionalRequests(t *testing.T) {
	n := open(t, newsroom.Options{})
	checked := 0
	urls := []string{}
	for _, f := range n.Feeds() {
		urls = append(urls, f.URL)
	}
	for _, e := range n.Expectations() {
		urls = append(urls, e.URL)
	}
	for _, url := range urls {
		w := get(n, url)
		if w.Code != http.StatusOK {
			continue
		}
		if tag := w.Header().Get("ETag"); tag != "" {
			checked++
			if again := get(n, url, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
				t.Errorf("%s: %d with its own ETag", url, again.Code)
			}
			if again := get(n, url, "If-None-Match", `"older"`); again.Code != http.StatusOK {
				t.Errorf("%s: %d with another ETag", url, again.Code)
			}
		} else if stamp := w.Header().Get("Last-Modified"); stamp != "" {
			checked++
			if again := get(n, url, "If-Modified-Since", stamp); again.Code != http.StatusNotModified {
				t.Errorf("%s: %d with its own Last-Modified", url, again.Code)
			}
		}
	}
	if checked < 60 {
		t.Errorf("%d answers carried a validator", checked)
	}
}

func TestContentCodings(t *testing.T) {
	n := open(t, newsroom.Options{})
	seen := map[string]bool{}
	for _, f := range n.Feeds() {
		plain := get(n, f.URL)
		if plain.Code != http.StatusOK {
			continue
		}
		coded := get(n, f.URL, "Accept-Encoding", "gzip, br, zstd")
		coding := coded.Header().Get("Content-Encoding")
		seen[coding] = true
		var r io.Reader = coded.Body
		var err error
		switch coding {
		case "gzip":
			r, err = gzip.NewReader(coded.Body)
		case "br":
			r = brotli.NewReader(coded.Body)
		case "zstd":
			r, err = zstd.NewReader(coded.Body)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.URL, err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != plain.Body.String() {
			t.Errorf("%s in %q is not what it is without: %v", f.URL, coding, err)
		}
	}
	for _, coding := range []string{"", "gzip", "br", "zstd"} {
		if !seen[coding] {
			t.Errorf("no feed comes in %q", coding)
		}
	}
}

func TestRequestLogOverTheWire(t *testing.T) {
	n := open(t, newsroom.Options{})
	addr, stop, err := n.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	request, err := http.NewRequest(http.MethodGet, "http://northline.localhost/security/swap-live?utm_source=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "test/1")
	request.Header.Set("If-None-Match", `"old"`)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), "Two planes, one bus") || len(response.TransferEncoding) == 0 {
		t.Errorf("%v, %d bytes, transfer encoding %v", err, len(body), response.TransferEncoding)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	log := n.Requests()
	if len(log) != 1 {
		t.Fatalf("%d lines in the log", len(log))
	}
	got := log[0]
	if got.Host != "northline.localhost" || got.Path != "/security/swap-live" || got.Query != "utm_source=x" || got.Status != 200 || got.Bytes == 0 ||
		got.IfNoneMatch != `"old"` || got.UserAgent != "test/1" || got.End.Before(got.Start) {
		t.Errorf("%+v", got)
	}
}

func TestItemsAppearOverTime(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	n := open(t, newsroom.Options{Reveal: time.Minute, Now: func() time.Time { return now }})
	all := len(items(t, open(t, newsroom.Options{}), "http://khvylia.localhost/feed/rss"))
	var seen []int
	for range 5 {
		seen = append(seen, len(items(t, n, "http://khvylia.localhost/feed/rss")))
		now = now.Add(16 * time.Second)
	}
	if seen[0] != (all+2)/3 || seen[2] <= seen[0] || seen[4] != all {
		t.Errorf("%v of %d items over a minute", seen, all)
	}
	if interval := n.Feeds()[0].Interval; interval <= 0 || interval > 10*time.Second {
		t.Errorf("interval %v is too long to see items appear", interval)
	}
}

func TestArticlesAreEdited(t *testing.T) {
	var edited newsroom.Expectation
	n := open(t, newsroom.Options{})
	for _, e := range n.Expectations() {
		if e.Revised != nil {
			edited = e
		}
	}
	feed := edited.Feeds[0]
	before := get(n, edited.URL)
	if !strings.Contains(before.Body.String(), edited.Title) {
		t.Errorf("the first version is not there: %s", edited.Title)
	}
	tag := get(n, feed).Header().Get("ETag")
	if first := get(n, feed, "If-None-Match", tag); first.Code != http.StatusNotModified {
		t.Errorf("first conditional poll: %d", first.Code)
	}
	second := get(n, feed, "If-None-Match", tag)
	after := get(n, edited.URL, "If-None-Match", before.Header().Get("ETag"))
	if second.Code != http.StatusOK || after.Code != http.StatusOK || !strings.Contains(second.Body.String(), edited.Revised.Title[:30]) ||
		!strings.Contains(after.Body.String(), edited.Revised.Title[:30]) {
		t.Errorf("second conditional poll: feed %d, page %d", second.Code, after.Code)
	}

	now := time.Unix(0, 0)
	byTime := open(t, newsroom.Options{Revise: time.Minute, Now: func() time.Time { return now }})
	first := get(byTime, edited.URL).Body.String()
	now = now.Add(time.Minute)
	if get(byTime, edited.URL).Body.String() == first {
		t.Error("nothing changed after the time that Revise names")
	}
}

func TestLoadIsMixedAndPaged(t *testing.T) {
	n := open(t, newsroom.Options{Load: 3000, LoadHosts: 5, Seed: 11})
	beat, texts, langs := 0, map[string]bool{}, map[string]bool{}
	for _, e := range n.Expectations() {
		if !strings.HasPrefix(e.Host, "load") {
			continue
		}
		if e.Outcome == story.Stored {
			beat++
		}
		texts[e.Text], langs[e.Lang] = true, true
	}
	if beat < 200 || beat > 400 || len(texts) < 1500 || len(langs) < 3 {
		t.Errorf("of 3000 articles %d are on the beat, %d texts differ, in %d languages", beat, len(texts), len(langs))
	}
	feeds := 0
	for _, f := range n.Feeds() {
		if strings.Contains(f.URL, "//load") {
			feeds++
		}
	}
	if feeds != 30 {
		t.Errorf("%d feeds for 3000 articles", feeds)
	}
}

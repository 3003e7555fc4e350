package newsroom_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

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

// What Appears says is what the feeds do.
func TestItemsAppearWhenTheySay(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	n := open(t, newsroom.Options{Reveal: time.Minute, Load: 30, LoadHosts: 2, Now: func() time.Time { return now }})
	later := 0
	for _, e := range n.Expectations() {
		if len(e.Feeds) != 1 || !strings.HasPrefix(e.Host, "load") && e.Host != "khvylia.localhost" || e.Appears.IsZero() {
			continue
		}
		later++
		now = e.Appears.Add(-time.Nanosecond)
		before := slices.Contains(items(t, n, e.Feeds[0]), e.URL)
		now = e.Appears
		if after := slices.Contains(items(t, n, e.Feeds[0]), e.URL); before || !after {
			t.Errorf("%s: listed before %v, then %v", e.URL, before, after)
		}
	}
	if later < 20 {
		t.Errorf("%d articles appear later", later)
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
	n := open(t, newsroom.Options{Load: 1000, LoadHosts: 4, Seed: 11})
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
	if beat < 60 || beat > 140 || len(texts) < 800 || len(langs) < 3 {
		t.Errorf("of 1000 articles %d are on the beat, %d texts differ, in %d languages", beat, len(texts), len(langs))
	}
	feeds := 0
	for _, f := range n.Feeds() {
		if strings.Contains(f.URL, "//load") {
			feeds++
		}
	}
	if feeds != 12 {
		t.Errorf("%d feeds for 1000 articles", feeds)
	}
}

func TestLoadIsAsHeavyAsAsked(t *testing.T) {
	const size = 150_000
	heavy, light := open(t, newsroom.Options{Load: 60, LoadBytes: size}), open(t, newsroom.Options{Load: 60})
	expected := heavy.Expectations()
	for _, e := range expected[len(expected)-60:] {
		with, without := get(heavy, e.URL).Body.String(), get(light, e.URL).Body.String()
		if len(with)-len(without) < size*95/100 || len(with) > size*115/100 {
			t.Errorf("%s: %d bytes, %d without furniture, asked for %d", e.URL, len(with), len(without), size)
		}
		if with != get(heavy, e.URL).Body.String() {
			t.Errorf("%s: two visits get two pages", e.URL)
		}
	}
}

func BenchmarkLoadPage(b *testing.B) {
	n, err := newsroom.New(newsroom.Options{Load: 2000})
	if err != nil {
		b.Fatal(err)
	}
	all := n.Expectations()
	all = all[len(all)-2000:]
	for i := 0; b.Loop(); i++ {
		if w := get(n, all[i%len(all)].URL, "Accept-Encoding", "gzip"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// watchWorld is a running pipeline with a watchlist, and articles put on its bus.
type watchWorld struct {
	world
	t    *testing.T
	file string
	rows app.Store
	sent int
}

// settle publishes one more article about Roman Zhelyabin, waits for its outcome, and returns it.
func (w *watchWorld) settle() story.LedgerEntry {
	w.t.Helper()
	w.sent++
	url := fmt.Sprintf("http://hotel.localhost/%d", w.sent)
	now := story.Instant(time.Now())
	a := story.Article{
		ID: story.NewID(url), Visit: now.UnixMilli(), ContentHash: fmt.Sprint(w.sent), URL: url, CanonicalURL: url, Lang: "pl", TextFrom: story.TextFromPage,
		Title: "Gość zmarł w hotelu", PageKind: story.KindArticle, Authors: []string{}, FetchedAt: now, Confidence: 1, Source: story.Source{ID: "hotel_localhost", Host: "hotel.localhost"},
		Text: "Hotel obchodzi stulecie. W poniedziałek znaleziono tam ciało Romana Żeliabina, którego otruto.",
	}
	if err := w.up.Bus.PublishArticle(w.t.Context(), a); err != nil {
		w.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if current, _, err := w.rows.Life(w.t.Context(), a.ID); err == nil && current.Outcome.Settled() {
			return current
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s has no outcome", url)
		}
	}
}

// until publishes articles until one ends so.
func (w *watchWorld) until(want story.Outcome, why string) story.LedgerEntry {
	w.t.Helper()
	var got story.LedgerEntry
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if got = w.settle(); got.Outcome == want {
			return got
		}
	}
	w.t.Fatalf("%s: articles still end as %s (%s), want %s", why, got.Outcome, got.Reason, want)
	return got
}

func (w *watchWorld) write(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watchWorld) metric(name string) float64 {
	w.t.Helper()
	families, err := w.up.Metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	w.t.Fatalf("no metric %s", name)
	return 0
}

// record is the stored story of a ledger entry.
func (w *watchWorld) record(e story.LedgerEntry) (s story.Story) {
	w.t.Helper()
	row, err := w.rows.Story(w.t.Context(), e.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(row.Record, &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// A name that is added to a watchlist is looked out for without a restart; a list with a fault changes nothing, and says so.
func TestWatchlistIsReadAgain(t *testing.T) {
	t.Parallel()
	_, addr := startNewsroom(t, newsroom.Options{})
	w := &watchWorld{world: world{config: testConfig(t, addr)}, t: t, file: filepath.Join(t.TempDir(), "watch.yaml")}
	w.write("persons:\n  - Somebody Else\n")
	w.config.Watchlists = []string{w.file}
	w.up, w.stop = start(t, app.Options{Config: w.config, Feeds: feedlist.Of(), Timings: bus.FastTimings()})
	w.rows = w.store(t)
	if got := w.settle(); got.Outcome != story.NotRelevant {
		t.Fatalf("without the name: %s, want not_relevant", got.Outcome)
	}
	was := w.metric("spywire_watchlist_hash")

	w.write("persons:\n  - Roman Zhelyabin\n")
	changed := time.Now()
	s := w.record(w.until(story.Stored, "the name is on the list"))
	t.Logf("taken up after %s", time.Since(changed).Round(100*time.Millisecond))
	if s.Rank != story.RankPrimary || len(s.Labels) != 1 || !s.Labels[0].Watched || len(s.Watchlist) != 64 || len(s.Verify()) > 0 {
		t.Errorf("rank %s, labels %+v, watchlist %q, faults %v", s.Rank, s.Labels, s.Watchlist, s.Verify())
	}
	now := w.metric("spywire_watchlist_hash")
	if now == was || fmt.Sprintf("%012x", int64(now)) != s.Watchlist[:12] {
		t.Errorf("the metric has hash %012x, before %012x, and the story %s", int64(now), int64(was), s.Watchlist)
	}

	w.write("persons:\n  - Roman\n")
	for deadline := time.Now().Add(time.Minute); w.metric("spywire_watchlist_reload_success") != 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the fault went unnoticed")
		}
	}
	if again := w.settle(); again.Outcome != story.Stored || w.record(again).Watchlist != s.Watchlist {
		t.Errorf("a list with a fault took the place of a good one: %s", again.Outcome)
	}

	w.write("organisations:\n  - Somebody Else\n")
	w.until(story.NotRelevant, "the name is off the list")
	if w.metric("spywire_watchlist_reload_success") != 1 {
		t.Error("the metric still tells of a fault")
	}
}

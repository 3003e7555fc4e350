package sinktest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// retain goes through the store once, an hour after the fixed instant, and checks how many rows that takes, and that a
// second pass takes none.
func retain(t *testing.T, store sink.Store, limits map[sink.Table]sink.Limit, want map[sink.Table]int) {
	t.Helper()
	for _, want := range []map[sink.Table]int{want, {}} {
		dropped, err := newSink(store).Retain(t.Context(), limits)
		must(t, err)
		for _, table := range sink.Tables {
			if got := dropped[table]; got.Rows != want[table] || (got.Bytes > 0) != (got.Rows > 0) {
				t.Fatalf("%s: %+v, want %d rows", table, got, want[table])
			}
		}
		whole(t, store)
	}
}

// whole fails unless verify finds nothing wrong, in the search index neither.
func whole(t *testing.T, store sink.Store) sink.Report {
	t.Helper()
	r, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	equal(t, "faults", r.Faults, []sink.Fault{})
	if index, ok := store.(search.Verifier); ok {
		faults, err := index.VerifySearch(t.Context(), 10, nil)
		must(t, err)
		equal(t, "faults of the search index", len(faults), 0)
	}
	return r
}

// listings has the fetcher list n URLs, from the first.
func listings(t *testing.T, store sink.Store, first, n int) {
	t.Helper()
	for i := range n {
		account(t, store, Entry(first+i, story.StageFetcher, story.Listed))
	}
}

func testRetainStories(t *testing.T, store sink.Store) {
	listings(t, store, 0, 10)
	for n := range 10 {
		put(t, store, Story(n), At(WithText(Story(n), "Edited", "Again."), n+1)) // fetched a minute later once more
	}
	age := map[sink.Table]sink.Limit{sink.TableStories: {Age: 55 * time.Minute}}
	retain(t, store, age, map[sink.Table]int{sink.TableStories: 4}) // those last fetched before minute 5
	for _, h := range holdings(t, store) {
		for n := range 4 {
			if h.ID == Story(n).ID {
				equal(t, "what is left", []any{h.Row == nil, len(h.Labels), len(h.Versions), h.Current.Outcome}, []any{true, 0, 0, story.Stored})
				equal(t, "the reason", strings.HasPrefix(h.Current.Reason, "removed by retention: fetched 2026-03-01"), true)
			}
		}
	}
	before := holdings(t, store)
	put(t, store, Story(2), At(WithText(Story(2), "Edited", "Again."), 3)) // delivered once more
	equal(t, "after a redelivery", holdings(t, store), before)
	put(t, store, At(WithText(Story(2), "Third", "Once more."), 50)) // visited once more
	v, s := stored(t, store, Story(2).ID)
	equal(t, "a later visit", []any{v.Version, s.Title}, []any{1, "Third"})
	current, _ := life(t, store, Story(2).ID)
	equal(t, "its outcome", []any{current.Outcome, strings.Contains(current.Reason, "retention")}, []any{story.Stored, false})
	equal(t, "stories", whole(t, store).Stories, 7)

	// What was judged anew is newer than its fetch: of the newest three stories the oldest goes with the rest.
	size := int64(0)
	weights, err := store.Weights(t.Context(), sink.TableStories, epoch, epoch.Add(2*time.Hour), time.Millisecond)
	must(t, err)
	equal(t, "weights, newest first", []any{len(weights), weights[0].At, weights[1].At}, []any{7, epoch.Add(50 * time.Minute), epoch.Add(10 * time.Minute)})
	for _, w := range weights[:3] {
		size += w.Bytes
	}
	retain(t, store, map[sink.Table]sink.Limit{sink.TableStories: {Size: size}}, map[sink.Table]int{sink.TableStories: 4})
	retain(t, store, map[sink.Table]sink.Limit{sink.TableStories: {Size: size - 1}}, map[sink.Table]int{sink.TableStories: 1})
	equal(t, "stories", whole(t, store).Stories, 2)
	retain(t, store, map[sink.Table]sink.Limit{sink.TableStories: {Size: 1, Age: time.Hour}}, map[sink.Table]int{sink.TableStories: 2})
	retain(t, store, nil, nil)
}

func testRetainVersions(t *testing.T, store sink.Store) {
	listings(t, store, 1, 1)
	for n, title := range []string{"A", "B", "C", "D"} {
		put(t, store, At(WithText(Story(1), title, "Text of "+title), 10*n))
	}
	limit := func(l sink.Limit) map[sink.Table]sink.Limit { return map[sink.Table]sink.Limit{sink.TableVersions: l} }
	retain(t, store, limit(sink.Limit{Age: 45 * time.Minute}), map[sink.Table]int{sink.TableVersions: 2}) // A and B were last seen before minute 15
	h := holdings(t, store)[0]
	var records []string
	for _, v := range h.Versions {
		records = append(records, fmt.Sprintf("%d %t", v.Number, len(v.Record) > 4))
	}
	equal(t, "versions and whether they have a record", strings.Join(records, ", "), "1 false, 2 false, 3 true, 4 false")
	before := holdings(t, store)
	put(t, store, At(WithText(Story(1), "D", "Text of D"), 30)) // delivered once more
	equal(t, "after a redelivery", holdings(t, store), before)
	put(t, store, At(WithText(Story(1), "E", "Text of E"), 40)) // the history goes on
	equal(t, "versions", whole(t, store).Versions, 5)
	retain(t, store, limit(sink.Limit{Size: 1}), map[sink.Table]int{sink.TableVersions: 2})
	v, s := stored(t, store, Story(1).ID)
	equal(t, "the current version stays", []any{v.Version, s.Title, s.Text}, []any{5, "E", "Text of E"})
}

func testRetainLedger(t *testing.T, store sink.Store) {
	limit := func(l sink.Limit) map[sink.Table]sink.Limit { return map[sink.Table]sink.Limit{sink.TableLedger: l} }
	listings(t, store, 0, 8)
	merged := Entry(4, story.StageParser, story.Merged)
	merged.Into = Story(3).ID
	account(t, store, Entry(0, story.StageFetcher, story.NotFound), Entry(3, story.StageParser, story.NoText), merged, Entry(5, story.StageFetcher, story.Gone))
	put(t, store, Story(2))
	_, err := sink.Forget(t.Context(), store, Story(6).URL, "asked for", epoch)
	must(t, err)
	has := func(want ...int) {
		t.Helper()
		var got []int
		for n := range 8 {
			if _, _, err := store.Life(t.Context(), Story(n).ID); err == nil {
				got = append(got, n)
			} else if !errors.Is(err, sink.ErrNotFound) {
				t.Fatal(err)
			}
		}
		equal(t, "what the ledger has", got, want)
	}
	retain(t, store, limit(sink.Limit{Age: 56*time.Minute + 30*time.Second}), map[sink.Table]int{sink.TableLedger: 1})
	has(1, 2, 3, 4, 5, 6, 7) // 0 was not found; 1 and 7 are under way, 2 has a story, 4 is merged into 3, 6 is forgotten
	dropped, err := newSink(store).Retain(t.Context(), limit(sink.Limit{Size: 1}))
	must(t, err)
	equal(t, "URL 3 goes once no other leads there", dropped[sink.TableLedger].Rows, 2)
	has(1, 2, 3, 6, 7)
	retain(t, store, limit(sink.Limit{Size: 1}), map[sink.Table]int{sink.TableLedger: 1})
	has(1, 2, 6, 7)
	_, events := life(t, store, Story(6).ID)
	equal(t, "steps of what is forgotten", len(events), 2)
	put(t, store, At(Story(6), 50))
	has(1, 2, 6, 7)
	if _, err := store.Story(t.Context(), Story(6).ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("a tombstone was taken: %v", err)
	}
}

func testRetainEvents(t *testing.T, store sink.Store) {
	visit := func(n, minute int, stage story.Stage, outcome story.Outcome) {
		t.Helper()
		e := Entry(n, stage, outcome)
		e.At = epoch.Add(time.Duration(minute) * time.Minute)
		e.Visit = e.At.UnixMilli()
		account(t, store, e)
	}
	for minute := 0; minute < 50; minute += 10 {
		for n := 1; n <= 3; n++ {
			visit(n, minute, story.StageFetcher, story.Listed)
		}
		visit(1, minute, story.StageFetcher, story.NotFound)
		put(t, store, At(WithText(Story(2), fmt.Sprint("Title ", minute/20), "Text."), minute))
	}
	visit(2, 45, story.StageFetcher, story.Gone)
	current, _ := life(t, store, Story(2).ID)
	// Before minute 35 there are 4 visits of each. 1: listed and not found of each, for later ones say the same. 2: listed of
	// each; the sink's own steps are as young as its clock. 3 is under way.
	retain(t, store, map[sink.Table]sink.Limit{sink.TableEvents: {Age: 25 * time.Minute}}, map[sink.Table]int{sink.TableEvents: 8 + 4})
	after, events := life(t, store, Story(2).ID)
	equal(t, "the outcome stays", after, current)
	equal(t, "steps", len(events), 2*5+1-4)
	_, events = life(t, store, Story(3).ID)
	equal(t, "steps under way", len(events), 5)
	// Stored by the visits on which no version stands: 0 and 20, for it was seen again at 10 and 30.
	retain(t, store, map[sink.Table]sink.Limit{sink.TableEvents: {Size: 1}}, map[sink.Table]int{sink.TableEvents: 2})
	equal(t, "URLs", whole(t, store).Account.Listed, 3)
}

func testTombstones(t *testing.T, store sink.Store) {
	listings(t, store, 1, 3)
	put(t, store, Story(1), Story(2))
	for _, n := range []int{1, 3} {
		_, err := sink.Forget(t.Context(), store, Story(n).URL, fmt.Sprint("case ", n), epoch)
		must(t, err)
	}
	var tombs []story.LedgerEntry
	for e, err := range store.Tombstones(t.Context()) {
		must(t, err)
		equal(t, "outcome", e.Outcome, story.Forgotten)
		tombs = append(tombs, e)
	}
	equal(t, "tombstones", len(tombs), 2)
	unknown := Entry(9, story.StageSink, story.Forgotten)
	unknown.Reason = "of another store"
	n, err := sink.Bury(t.Context(), store, append(tombs, unknown))
	must(t, err)
	equal(t, "set anew", n, 1)
	stored := Entry(2, story.StageSink, story.Forgotten)
	n, err = sink.Bury(t.Context(), store, []story.LedgerEntry{stored, unknown})
	must(t, err)
	equal(t, "set anew", n, 1)
	put(t, store, Story(9), At(Story(2), 30))
	equal(t, "stories", whole(t, store).Stories, 0)
}

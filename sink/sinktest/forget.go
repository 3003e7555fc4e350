package sinktest

import (
	"errors"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testForget(t *testing.T, store sink.Store) {
	kept, gone := Story(1), Story(2)
	merged := Entry(3, story.StageParser, story.Merged)
	merged.Into = gone.ID
	account(t, store, Entry(1, story.StageFetcher, story.Listed), Entry(2, story.StageFetcher, story.Listed),
		Entry(3, story.StageFetcher, story.Listed), merged)
	put(t, store, kept, gone, At(WithText(gone, "Edited", "Again."), 9))
	forget := func(asked string, want ...story.ID) {
		t.Helper()
		tombs, err := sink.Forget(t.Context(), store, asked, "asked for by the family", epoch.Add(2*time.Hour))
		must(t, err)
		var got []story.ID
		for _, e := range tombs {
			equal(t, "tombstone", []any{e.Outcome, e.Reason, e.Stage}, []any{story.Forgotten, "asked for by the family", story.StageSink})
			got = append(got, e.ID)
		}
		equal(t, "forgotten", got, want)
	}
	forget(merged.URL, merged.ID, gone.ID) // through the URL that was merged into it
	check := func() {
		t.Helper()
		if _, err := store.Story(t.Context(), gone.ID); !errors.Is(err, sink.ErrNotFound) {
			t.Fatalf("a forgotten story: %v", err)
		}
		for _, h := range holdings(t, store) {
			if h.ID != kept.ID && (h.Row != nil || len(h.Versions)+len(h.Labels) > 0) {
				t.Fatalf("something is left: %+v", h)
			}
		}
		r, err := sink.Verify(t.Context(), store, nil)
		must(t, err)
		equal(t, "verify", []any{r.Faults, r.Stories, r.Account.Outcomes}, []any{[]sink.Fault{}, 1, map[story.Outcome]int{story.Stored: 1, story.Forgotten: 2}})
	}
	check()
	want := holdings(t, store)
	forget(gone.URL, gone.ID) // again: nothing changes
	equal(t, "forgotten twice", holdings(t, store), want)
	// A later visit, with another text, of both addresses.
	later := At(WithText(gone, "Third", "Once more."), 30)
	put(t, store, later)
	listed, copied := Entry(2, story.StageFetcher, story.Listed), merged
	listed.Visit, copied.Visit = later.Visit, later.Visit
	account(t, store, listed, copied)
	check()
	if _, err := sink.Forget(t.Context(), store, Story(9).URL, "", epoch); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("what was never listed: %v", err)
	}
}

func testStories(t *testing.T, store sink.Store) {
	var batch []story.Story
	for n := range 450 {
		batch = append(batch, Story(n))
	}
	put(t, store, append(batch, At(WithText(Story(7), "Edited", "Again."), 500))...)
	last, count := story.ID(""), 0
	for r, err := range store.Stories(t.Context(), sink.Filter{}) {
		must(t, err)
		if r.ID <= last {
			t.Fatalf("%s comes after %s", r.ID, last)
		}
		if last, count = r.ID, count+1; r.ID == Story(7).ID {
			equal(t, "current version", []any{r.Version, r.Title, r.Text}, []any{2, "Edited", "Again."})
		}
	}
	equal(t, "stories", count, len(batch))
	for _, err := range store.Stories(t.Context(), sink.Filter{}) {
		must(t, err)
		break // a reader may stop
	}
}

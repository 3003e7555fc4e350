package sinktest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testStored(t *testing.T, store sink.Store) {
	s := Story(1)
	put(t, store, s)
	v, got := stored(t, store, s.ID)
	equal(t, "story", got, s)
	record := v.Record
	v.Record = nil
	equal(t, "row", v, sink.Row{
		ID: s.ID, Version: 1, Rank: s.Rank, Kind: s.Kind, URL: s.URL, Source: s.Source.ID, Lang: s.Lang, Country: s.Country,
		Category: "defector_death", Score: 0.91, Title: s.Title, Text: s.Text, FetchedAt: s.FetchedAt, StoredAt: epoch.Add(time.Hour),
	})
	equal(t, "record", string(record), mustJSON(t, s))
	current, events := life(t, store, s.ID)
	equal(t, "events", events, []story.LedgerEntry{current})
	equal(t, "current", current, story.LedgerEntry{
		ID: s.ID, Visit: s.Visit, URL: s.URL, Source: s.Source.ID, Stage: story.StageSink, Outcome: story.Stored,
		Reason: "defector_death, probability 0.91", At: epoch.Add(time.Hour),
	})
	if _, err := store.Story(t.Context(), Story(2).ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("a story that is not there: %v", err)
	}
	if _, _, err := store.Life(t.Context(), Story(2).ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("a life that is not there: %v", err)
	}
}

func testRedelivery(t *testing.T, store sink.Store) {
	batch := []story.Story{Story(1), Story(2), At(WithText(Story(1), "Corrected", "Now it says more."), 9), Story(3)}
	put(t, store, batch...)
	want := holdings(t, store)
	late := sink.New(store, sink.Options{Now: func() time.Time { return epoch.Add(9 * time.Hour) }})
	for range 2 {
		must(t, late.Stories(t.Context(), append(batch, batch...)))
		for _, s := range batch {
			must(t, late.Stories(t.Context(), []story.Story{s}))
		}
	}
	equal(t, "after redelivery", holdings(t, store), want)
}

func testRanks(t *testing.T, store sink.Store) {
	also, review, other := Story(1), Story(2), Story(3)
	also.Rank = story.RankAlso
	review.Rank, review.Labels = story.RankReview, nil
	other.Rank, other.Labels = story.RankOther, nil
	put(t, store, also, review, other)
	if _, err := store.Story(t.Context(), also.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("rank also was stored: %v", err)
	}
	for _, c := range []struct {
		story story.Story
		want  story.Outcome
	}{{review, story.Review}, {other, story.NotRelevant}} {
		v, _ := stored(t, store, c.story.ID)
		current, _ := life(t, store, c.story.ID)
		equal(t, string(c.story.Rank), []any{v.Rank, current.Outcome}, []any{c.story.Rank, c.want})
	}
}

func testReclassified(t *testing.T, store sink.Store) {
	s := Story(1)
	s.Rank, s.Labels, s.Model = story.RankReview, nil, "m0"
	put(t, store, s)
	again := Story(1)
	put(t, store, again)
	v, got := stored(t, store, s.ID)
	equal(t, "story", got, again)
	equal(t, "version", v.Version, 1)
	current, events := life(t, store, s.ID)
	equal(t, "outcome", []any{current.Outcome, len(events)}, []any{story.Stored, 2})

	// Judged once more it is unsure again: the row says so, the ledger that it was stored once. Each verdict is accounted
	// for once, however often it comes.
	for i := range 3 {
		later := sink.New(store, sink.Options{Now: func() time.Time { return epoch.Add(time.Duration(2+i) * time.Hour) }})
		must(t, later.Stories(t.Context(), []story.Story{s}))
	}
	v, got = stored(t, store, s.ID)
	equal(t, "story", got, s)
	equal(t, "row", []any{v.Version, v.Rank}, []any{1, story.RankReview})
	current, events = life(t, store, s.ID)
	equal(t, "outcome", []any{current.Outcome, len(events)}, []any{story.Stored, 3})
	report, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	for _, f := range report.Faults {
		if !strings.Contains(f.Claim, "never listed") {
			t.Errorf("verify: %+v", f)
		}
	}
}

func testForgotten(t *testing.T, store sink.Store) {
	account(t, store, Entry(1, story.StageSink, story.Forgotten))
	put(t, store, Story(1), At(Story(1), 5))
	if _, err := store.Story(t.Context(), Story(1).ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("a forgotten story is back: %v", err)
	}
	current, events := life(t, store, Story(1).ID)
	equal(t, "life", []any{current.Outcome, len(events)}, []any{story.Forgotten, 1})
}

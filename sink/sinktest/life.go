package sinktest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testSweep(t *testing.T, store sink.Store) {
	now := epoch
	s := sink.New(store, sink.Options{
		Now:   func() time.Time { return now },
		Sweep: sink.SweepOptions{After: time.Hour, Tries: 2, Limit: 10},
	})
	listed := Entry(0, story.StageFetcher, story.Listed)
	listed.Feed = "https://herald.example/rss"
	settled := []story.LedgerEntry{Entry(1, story.StageFetcher, story.Listed), Entry(1, story.StageFetcher, story.NotFound)}
	must(t, s.Ledger(t.Context(), append(settled, listed)))

	var queue []story.Entry
	sweep := func(after time.Duration, wantQueued, wantLost int) {
		t.Helper()
		now = epoch.Add(after)
		queued, lost, err := s.Sweep(t.Context(), func(_ context.Context, e story.LedgerEntry) error {
			queue = append(queue, sink.QueueEntry(e))
			return nil
		})
		must(t, err)
		equal(t, "sweep after "+after.String(), []int{queued, lost}, []int{wantQueued, wantLost})
	}
	sweep(59*time.Minute, 0, 0)
	sweep(61*time.Minute, 1, 0)
	equal(t, "entry", queue, []story.Entry{{
		ID: listed.ID, Visit: listed.Visit, Priority: story.PriorityBackfill, URL: listed.URL, Listed: listed.URL,
		Source: story.Source{ID: "herald_example", Host: "herald.example"}, Feed: listed.Feed, Revisit: true,
	}})
	sweep(62*time.Minute, 0, 0)
	sweep(3*time.Hour, 0, 0) // the second wait is two hours
	sweep(3*time.Hour+2*time.Minute, 1, 0)
	sweep(7*time.Hour, 0, 0) // the last one four
	sweep(7*time.Hour+3*time.Minute, 0, 1)
	sweep(99*time.Hour, 0, 0)
	current, events := life(t, store, listed.ID)
	equal(t, "outcome", []any{current.Outcome, len(events)}, []any{story.FetchFailed, 4})
	if !strings.Contains(current.Reason, "lost on the way") {
		t.Errorf("reason %q", current.Reason)
	}
	late := Entry(0, story.StageClassifier, story.NotRelevant)
	must(t, s.Ledger(t.Context(), []story.LedgerEntry{late}))
	current, _ = life(t, store, listed.ID)
	equal(t, "outcome that came after all", current.Outcome, story.NotRelevant)

	// A queue that refuses ends the sweep; what it took is accounted for.
	var many []story.LedgerEntry
	for n := range 30 {
		many = append(many, Entry(10+n, story.StageFetcher, story.Listed))
	}
	must(t, s.Ledger(t.Context(), many))
	full, taken := errors.New("queue is full"), 0
	queued, lost, err := s.Sweep(t.Context(), func(context.Context, story.LedgerEntry) error {
		if taken++; taken > 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || queued != 3 || lost != 0 {
		t.Fatalf("sweep into a full queue: %d queued, %d lost, %v", queued, lost, err)
	}
	for u, err := range store.Unsettled(t.Context(), now.Add(time.Minute)) {
		must(t, err)
		if u.Tries > 0 {
			taken--
		}
	}
	equal(t, "tries accounted for", taken, 1)
	sweep(99*time.Hour, 10, 0) // no more than the limit
}

func testWhy(t *testing.T, store sink.Store) {
	target := Story(2)
	merged := Entry(1, story.StageParser, story.Merged)
	merged.Into = target.ID
	robots := Entry(3, story.StageFetcher, story.Robots)
	robots.Reason = "disallowed by /robots.txt"
	account(t, store, Entry(1, story.StageFetcher, story.Listed), merged,
		Entry(3, story.StageFetcher, story.Listed), robots)
	put(t, store, target)
	for _, asked := range []string{
		merged.URL, string(merged.ID), strings.ToUpper(string(merged.ID)), " " + merged.URL + "?utm_source=x#top ",
		strings.Replace(merged.URL, "https://", "http://", 1), strings.TrimPrefix(merged.URL, "https://"),
	} {
		l, err := sink.Why(t.Context(), store, asked)
		must(t, err)
		equal(t, asked, []any{l.ID, l.Current.Outcome, len(l.Events), len(l.Merged), l.Version},
			[]any{merged.ID, story.Merged, 2, 1, 1})
		equal(t, "end of the chain", []any{l.Merged[0].ID, l.Merged[0].Outcome, l.Story.Title}, []any{target.ID, story.Stored, target.Title})
		equal(t, "first event", l.Events[0].Outcome, story.Listed)
	}
	l, err := sink.Why(t.Context(), store, robots.URL)
	must(t, err)
	equal(t, "robots", []any{l.Current.Reason, l.Story == nil}, []any{robots.Reason, true})
	if _, err := sink.Why(t.Context(), store, "https://herald.example/never"); !errors.Is(err, sink.ErrNotFound) ||
		!strings.Contains(err.Error(), "never listed") {
		t.Errorf("a URL never seen: %v", err)
	}
	if _, err := sink.Why(t.Context(), store, "ftp://herald.example/"); err == nil || errors.Is(err, sink.ErrNotFound) {
		t.Errorf("not a web address: %v", err)
	}
	// Canonical links that point in a circle.
	back := Entry(5, story.StageParser, story.Merged)
	back.Into = Story(6).ID
	forth := Entry(6, story.StageParser, story.Merged)
	forth.Into = Story(5).ID
	account(t, store, back, forth)
	l, err = sink.Why(t.Context(), store, back.URL)
	must(t, err)
	equal(t, "circle", len(l.Merged), 1)
}

func testVerify(t *testing.T, store sink.Store) {
	account(t, store, Entry(1, story.StageFetcher, story.Listed), Entry(2, story.StageFetcher, story.Listed),
		Entry(3, story.StageFetcher, story.Listed))
	review := Story(3)
	review.Rank = story.RankReview
	put(t, store, Story(1), Story(2), At(WithText(Story(1), "Edited", "Again."), 9), review)
	gone := Entry(3, story.StageFetcher, story.Gone) // by a later visit
	gone.Visit++
	account(t, store, gone)
	done := 0
	r, err := sink.Verify(t.Context(), store, func(n int) { done = n })
	must(t, err)
	equal(t, "report", []any{r.Stories, r.Versions, r.Spans, done, r.OK(), r.Faults}, []any{3, 4, 4, 4, true, []sink.Fault{}})

	// Behind the sink's back: a claim that was never made, and an outcome without a story.
	s := Story(7)
	s.Labels[0].Evidence[0].Quote = "never"
	must(t, store.Update(t.Context(), []story.ID{s.ID}, func(map[story.ID]sink.State) (sink.Changes, error) {
		record := []byte(mustJSON(t, s))
		at := sink.Sighting{Visit: s.Visit, FetchedAt: s.FetchedAt}
		return sink.Changes{
			Stories: []sink.Row{{
				ID: s.ID, Version: 1, Rank: s.Rank, Kind: s.Kind, URL: s.URL, Source: s.Source.ID, Lang: s.Lang, Country: s.Country,
				Category: "defector_death", Score: 0.91, Title: s.Title, Text: s.Text, FetchedAt: s.FetchedAt, StoredAt: epoch,
				Record: record, New: true,
				Labels: []sink.LabelRow{{Category: "defector_death", Score: 0.91}, {Category: "defector_death", Subtype: "abroad", Score: 0.61}, {Category: "defector_death", Subtype: "killing", Score: 0.77}},
			}},
			Versions: []sink.Version{{ID: s.ID, Number: 1, ContentHash: s.ContentHash, First: at, Last: at, StoredAt: epoch}},
		}, nil
	}))
	r, err = sink.Verify(t.Context(), store, nil)
	must(t, err)
	if r.Found != 2 || len(r.Faults) != 2 || r.Faults[0].ID != s.ID ||
		!strings.Contains(r.Faults[0].Claim, "ledger has none") || !strings.Contains(r.Faults[1].Claim, `label defector_death`) {
		t.Fatalf("faults: %+v", r.Faults)
	}
}

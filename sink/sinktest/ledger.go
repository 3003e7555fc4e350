package sinktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// randomEntry draws from so few values that ties of every kind occur. It returns the entry as of an id n.
func randomEntry(random *rand.Rand, n int) story.LedgerEntry {
	e := Entry(n, story.Stages[random.IntN(4)], story.Outcomes[random.IntN(len(story.Outcomes))])
	if random.IntN(3) == 0 {
		e.Outcome = story.Listed
	}
	e.Visit += int64(random.IntN(2))
	e.At = e.At.Add(time.Duration(random.IntN(3)) * time.Millisecond)
	e.Reason = []string{"", "one", "other"}[random.IntN(3)]
	e.Feed = []string{"", "https://herald.example/rss"}[random.IntN(2)]
	if e.Outcome == story.Merged {
		e.Into = Story(n + 50).ID
	}
	return e
}

func testLedgerOrder(t *testing.T, store sink.Store) {
	random := rand.New(rand.NewPCG(3, 4))
	for set := range 25 {
		var entries []story.LedgerEntry
		for range 1 + random.IntN(8) {
			entries = append(entries, randomEntry(random, 1000))
		}
		var want string
		for try := range 4 {
			// The same life under another id, so that one store serves all tries.
			n := 1000 + 100*set + try
			mine := slices.Clone(entries)
			for i := range mine {
				mine[i].ID = Story(n).ID
			}
			mine = append(mine, mine[:random.IntN(len(mine)+1)]...)
			random.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			for len(mine) > 0 {
				size := 1 + random.IntN(len(mine))
				account(t, store, mine[:size]...)
				mine = mine[size:]
			}
			current, events := life(t, store, Story(n).ID)
			current.ID = ""
			got := fmt.Sprintf("%+v\n", current)
			for _, e := range events {
				e.ID = ""
				got += fmt.Sprintf("%+v\n", e)
			}
			if try == 0 {
				want = got
			}
			equal(t, fmt.Sprintf("set %d, try %d", set, try), got, want)
		}
	}
}

func testAccount(t *testing.T, store sink.Store) {
	a, err := store.Account(t.Context())
	must(t, err)
	equal(t, "empty store", a, sink.Account{Outcomes: map[story.Outcome]int{}})
	merged := Entry(4, story.StageParser, story.Merged)
	merged.Into = Story(5).ID
	account(t, store,
		Entry(1, story.StageFetcher, story.Listed), Entry(1, story.StageFetcher, story.Robots),
		Entry(2, story.StageFetcher, story.Listed), Entry(2, story.StageFetcher, story.Listed),
		Entry(3, story.StageFetcher, story.Listed), Entry(3, story.StageClassifier, story.NotRelevant),
		Entry(4, story.StageFetcher, story.Listed), merged,
	)
	check := func(what string, listed, reached, early, difference int, outcomes map[story.Outcome]int) {
		t.Helper()
		a, err := store.Account(t.Context())
		must(t, err)
		equal(t, what, []any{a.Listed, a.Reached, a.Early, a.Difference(), a.Outcomes}, []any{listed, reached, early, difference, outcomes})
		counts, err := store.Outcomes(t.Context())
		must(t, err)
		equal(t, what+": outcomes", counts, outcomes)
	}
	outcomes := map[story.Outcome]int{story.Robots: 1, story.Listed: 1, story.NotRelevant: 1, story.Merged: 1}
	check("listed", 4, 0, 0, 0, outcomes)
	put(t, store, Story(5))
	outcomes[story.Stored] = 1
	check("with a story reached by a merge", 4, 1, 0, 0, outcomes)
	put(t, store, Story(6))
	outcomes[story.Stored] = 2
	check("with a story ahead of its listing", 4, 1, 1, 0, outcomes)
	account(t, store, Entry(6, story.StageFetcher, story.Listed))
	check("with its listing", 5, 1, 0, 0, outcomes)
	nowhere := Entry(7, story.StageParser, story.NoText)
	nowhere.At = epoch.Add(-2 * time.Hour)
	account(t, store, nowhere)
	outcomes[story.NoText] = 1
	check("with an outcome out of nowhere", 5, 1, 0, 1, outcomes)
	current, _ := life(t, store, Story(4).ID)
	equal(t, "into", current.Into, Story(5).ID)
}

func testAtomic(t *testing.T, store sink.Store) {
	sorry := errors.New("sorry")
	s := Story(1)
	err := store.Update(t.Context(), []story.ID{s.ID}, func(map[story.ID]sink.State) (sink.Changes, error) {
		return sink.Changes{Ledger: []story.LedgerEntry{Entry(1, story.StageParser, story.NoText)}}, sorry
	})
	if !errors.Is(err, sorry) {
		t.Fatalf("Update hides the error of change: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSink(store).Stories(ctx, []story.Story{s}); err == nil || errors.Is(err, sink.ErrRecord) {
		t.Fatalf("a cancelled context: %v", err)
	}
	if _, _, err := store.Life(t.Context(), s.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Fatalf("something was written: %v", err)
	}
	put(t, store, s) // and the store works on
}

func testConcurrent(t *testing.T, store sink.Store) {
	const writers, ids = 4, 5
	var group sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		group.Go(func() {
			s := newSink(store)
			for n := range ids {
				edited := At(WithText(Story(n), fmt.Sprintf("By writer %d", w), "Text"), 10*w)
				if err := s.Stories(t.Context(), []story.Story{edited}); err != nil {
					errs <- err
				}
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	versions := map[story.ID]int{}
	for v, err := range store.Records(t.Context()) {
		must(t, err)
		versions[v.ID]++
	}
	for n := range ids {
		equal(t, "versions", versions[Story(n).ID], writers)
		_, current := stored(t, store, Story(n).ID)
		equal(t, "current", current.Title, fmt.Sprintf("By writer %d", writers-1))
	}
}

func testPages(t *testing.T, store sink.Store) {
	const count = 450
	var batch []story.Story
	var listed []story.LedgerEntry
	for n := range count {
		batch = append(batch, Story(n))
		e := Entry(n+count, story.StageFetcher, story.Listed)
		e.At = epoch // one instant for all: the order needs a second key
		listed = append(listed, e)
	}
	put(t, store, batch...)
	account(t, store, listed...)
	var last story.ID
	records := 0
	for v, err := range store.Records(t.Context()) {
		must(t, err)
		if v.ID <= last {
			t.Fatalf("%s comes after %s", v.ID, last)
		}
		last, records = v.ID, records+1
	}
	equal(t, "records", records, count)
	seen := map[story.ID]bool{}
	for u, err := range store.Unsettled(t.Context(), epoch.Add(time.Minute)) {
		must(t, err)
		seen[u.ID] = true
	}
	equal(t, "unsettled", len(seen), count)
}

package sinktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
	r, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	for _, f := range r.Faults {
		if strings.Contains(f.Claim, "by its events") || strings.Contains(f.Claim, "no event") {
			t.Errorf("verify does not follow the ledger: %+v", f)
		}
	}
}

func testAccount(t *testing.T, store sink.Store) {
	check := func(what string, want sink.Account, faults ...string) {
		t.Helper()
		r, err := sink.Verify(t.Context(), store, nil)
		must(t, err)
		equal(t, what, r.Account, want)
		var claims []string
		for _, f := range r.Faults {
			claims = append(claims, string(f.ID)+" "+f.Claim)
		}
		equal(t, what+": faults", claims, faults)
		counts, err := store.Outcomes(t.Context())
		must(t, err)
		equal(t, what+": outcomes", counts, want.Outcomes)
	}
	check("empty store", sink.Account{Outcomes: map[story.Outcome]int{}})
	merged := Entry(4, story.StageParser, story.Merged)
	merged.Into = Story(5).ID
	account(t, store,
		Entry(1, story.StageFetcher, story.Listed), Entry(1, story.StageFetcher, story.Robots),
		Entry(2, story.StageFetcher, story.Listed), Entry(2, story.StageFetcher, story.Listed),
		Entry(3, story.StageFetcher, story.Listed), Entry(3, story.StageClassifier, story.NotRelevant),
		Entry(4, story.StageFetcher, story.Listed), merged,
	)
	want := sink.Account{Listed: 4, Outcomes: map[story.Outcome]int{story.Robots: 1, story.Listed: 1, story.NotRelevant: 1, story.Merged: 1}}
	check("listed", want)
	put(t, store, Story(5))
	want.Reached, want.Outcomes[story.Stored] = 1, 1
	check("with a story reached by a merge", want)
	put(t, store, Story(6))
	want.Early, want.Outcomes[story.Stored] = 1, 2
	check("with a story ahead of its listing", want)
	account(t, store, Entry(6, story.StageFetcher, story.Listed))
	want.Early, want.Listed = 0, 5
	check("with its listing", want)
	for n := range 10 { // one of them is seen before what makes it old, another after
		nowhere := Entry(20+n, story.StageParser, story.NoText)
		nowhere.At = epoch.Add(time.Hour - sink.EarlyFor - time.Millisecond)
		account(t, store, nowhere)
	}
	want.Outcomes[story.NoText] = 10
	var claims []string
	for _, h := range holdings(t, store) {
		if h.Current.Outcome == story.NoText {
			claims = append(claims, string(h.ID)+" ledger: says no_text since 2026-03-01T12:44:59Z, but it was never listed")
		}
	}
	r, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	equal(t, "outcomes out of nowhere", []any{r.Found, r.Account}, []any{10, want})
	for _, f := range r.Faults {
		if !slices.Contains(claims, string(f.ID)+" "+f.Claim) {
			t.Errorf("out of nowhere: %+v", f)
		}
	}
	current, _ := life(t, store, Story(4).ID)
	equal(t, "into", current.Into, Story(5).ID)
}

func testHolding(t *testing.T, store sink.Store) {
	s := Story(1)
	published := epoch.Add(1500 * time.Microsecond)
	s.Published = &published
	edited := At(WithText(s, "Edited", "Again."), 9)
	put(t, store, s, edited)
	merged := Entry(2, story.StageParser, story.Merged)
	merged.Into = s.ID
	account(t, store, Entry(2, story.StageFetcher, story.Listed), merged)
	got := map[story.ID]sink.Holding{}
	for _, h := range holdings(t, store) {
		got[h.ID] = h
	}
	equal(t, "ids", len(got), 2)

	current, events := life(t, store, s.ID)
	row, _ := stored(t, store, s.ID)
	equal(t, "published", *row.Published, epoch.Add(time.Millisecond))
	for i := range events {
		events[i].URL, events[i].Source = "", ""
	}
	at := func(s story.Story) sink.Sighting { return sink.Sighting{Visit: s.Visit, FetchedAt: s.FetchedAt} }
	version := func(n int, s story.Story, record []byte) sink.Version {
		return sink.Version{ID: s.ID, Number: n, ContentHash: s.ContentHash, First: at(s), Last: at(s), StoredAt: epoch.Add(time.Hour), Record: record}
	}
	equal(t, "a story", got[s.ID], sink.Holding{
		ID: s.ID, Current: &current, Events: events, Reached: true, Row: &row,
		Labels:   []sink.LabelRow{{Category: "defector_death", Score: 0.91}, {Category: "defector_death", Subtype: "abroad", Score: 0.61}, {Category: "defector_death", Subtype: "killing", Score: 0.77}},
		Versions: []sink.Version{version(1, s, []byte(mustJSON(t, s))), version(2, edited, nil)},
	})

	current, events = life(t, store, merged.ID)
	for i := range events {
		events[i].URL, events[i].Source = "", ""
	}
	equal(t, "a merge", got[merged.ID], sink.Holding{ID: merged.ID, Current: &current, Events: events})
}

func testPing(t *testing.T, store sink.Store) {
	must(t, store.Ping(t.Context()))
	put(t, store, Story(1))
	bad := Story(2)
	bad.URL = ""
	if err := newSink(store).Stories(t.Context(), []story.Story{bad}); err == nil {
		t.Fatal("poison was taken")
	}
	sorry := errors.New("sorry")
	if err := store.Update(t.Context(), nil, func(map[story.ID]sink.State) (sink.Changes, error) { return sink.Changes{}, sorry }); !errors.Is(err, sorry) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSink(store).Stories(ctx, []story.Story{Story(3)}); err == nil {
		t.Fatal("a cancelled context is no error")
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatalf("records, plans and callers that fail are not the store's fault: %v", err)
	}
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
	for _, h := range holdings(t, store) {
		versions[h.ID] = len(h.Versions)
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
	stories := 0
	all := holdings(t, store)
	for _, h := range all {
		if h.Row != nil {
			stories++
		}
	}
	equal(t, "ids and stories", []int{len(all), stories}, []int{2 * count, count})
	seen := map[story.ID]bool{}
	for u, err := range store.Unsettled(t.Context(), epoch.Add(time.Minute)) {
		must(t, err)
		seen[u.ID] = true
	}
	equal(t, "unsettled", len(seen), count)
}

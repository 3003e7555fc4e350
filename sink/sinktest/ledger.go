package sinktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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

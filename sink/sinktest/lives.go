package sinktest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// testSearchLives stores, edits, moves in time and forgets stories at random, has the store tend its index and give back space now and
// then, and holds what phrases find, and in what order, against the words of every story.
func testSearchLives(t *testing.T, store sink.Store) {
	index, s, random := searchable(t, store), newSink(store), rand.New(rand.NewPCG(5, 6))
	vocabulary := strings.Fields("spy agent poison шпион разведка 间谍机构 the of")
	some := func(n int) string { return anyWords(random, vocabulary, n) }
	now := map[int]story.Story{}
	check := func(q search.Query) {
		t.Helper()
		clauses, err := q.Clauses()
		must(t, err)
		var want, got []story.Story
		for _, st := range now {
			if d := search.NewDocument(st); !slices.ContainsFunc(clauses, func(c search.Clause) bool { return meets(d, c) == c.Not }) {
				want = append(want, st)
			}
		}
		slices.SortFunc(want, func(a, b story.Story) int {
			if c := search.When(b).Compare(search.When(a)); c != 0 {
				return c
			}
			return strings.Compare(string(b.ID), string(a.ID))
		})
		for more := true; more; more = q.After != "" {
			page, err := index.Search(t.Context(), q)
			must(t, err)
			for _, h := range page.Hits {
				got = append(got, h.Story)
			}
			q.After = page.Next
		}
		name := func(all []story.Story) (names []string) {
			for _, st := range all {
				names = append(names, search.When(st).Format(time.DateTime)+" "+st.Text)
			}
			return names
		}
		equal(t, q.Words+" finds", name(got), name(want))
	}
	for step := range 120 {
		var batch []story.Story
		for range 1 + random.IntN(8) {
			n := random.IntN(60)
			if slices.ContainsFunc(batch, func(st story.Story) bool { return st.ID == Story(n).ID }) {
				continue
			}
			old, known := now[n]
			if known && random.IntN(4) == 0 {
				_, err := sink.Forget(t.Context(), store, old.URL, "", epoch)
				must(t, err)
				delete(now, n)
				continue
			}
			if !known && step > 0 && random.IntN(3) > 0 {
				continue
			}
			if _, _, err := store.Life(t.Context(), Story(n).ID); !known && err == nil {
				continue // it was forgotten
			}
			// Every second and later in time, so that the same words are an edit of the time alone now and then.
			st := told(n, []string{"en", "ru", "zh"}[n%3], some(2), some(1+random.IntN(9)))
			if known && random.IntN(4) == 0 {
				st = WithText(st, old.Title, old.Text)
			}
			st = At(st, step*100+random.IntN(50)*(step%7)*1000+n)
			if known && !st.FetchedAt.After(old.FetchedAt) {
				continue
			}
			batch, now[n] = append(batch, st), st
		}
		must(t, s.Stories(t.Context(), batch))
		switch random.IntN(6) {
		case 0, 1:
			must(t, index.BuildSearch(t.Context(), nil))
		case 2:
			must(t, store.Compact(t.Context()))
		}
		check(search.Query{Words: `"` + some(2+random.IntN(2)) + `"`, Limit: 1 + random.IntN(9)})
		check(search.Query{Words: `"` + some(2) + `" ` + some(1), Lang: []string{"ru", "zh"}[:random.IntN(3)]})
		check(search.Query{Words: `"` + some(2) + `" -"` + some(2) + `" "` + some(2) + `*"`})
	}
	WantIndex(t, index)
}

// testSearchReset has the index thrown away and made anew, by another who tends it, while stories are stored.
func testSearchReset(t *testing.T, store sink.Store) {
	index, s := searchable(t, store), newSink(store)
	var all []story.Story
	for n := range 250 {
		all = append(all, told(n, "en", "First", "About a courier."))
	}
	must(t, s.Stories(t.Context(), all[:200]))
	must(t, index.BuildSearch(t.Context(), nil))
	must(t, index.ResetSearch(t.Context()))
	if _, err := index.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("no index: %v", err)
	}
	must(t, s.Stories(t.Context(), all[150:]))
	must(t, index.BuildSearch(t.Context(), nil))
	page, err := index.Search(t.Context(), search.Query{Words: `"a courier"`, Limit: 1000})
	must(t, err)
	equal(t, "hits", len(page.Hits), len(all))
	WantIndex(t, index)
}

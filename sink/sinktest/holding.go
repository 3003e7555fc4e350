package sinktest

import (
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

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

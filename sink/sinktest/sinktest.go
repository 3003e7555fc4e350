// Package sinktest is the contract of a sink.Store as tests: whatever passes Run keeps stories and the ledger
// the way the sink plans them.
package sinktest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// contract is a part of it.
type contract struct {
	name string
	run  func(t *testing.T, store sink.Store)
}

// searching is what it says of the search index.
func searching() []contract {
	return []contract{
		{"words are found in any form and script", testSearch},
		{"filters narrow a search down", testSearchFilters},
		{"hits come newest first, page by page", testSearchPages},
		{"the search index follows the stories", testSearchFollows},
		{"a search finds exactly what it means", testSearchExactly},
		{"phrases are found whatever a story lives through", testSearchLives},
		{"the search index is made anew", testSearchReset},
	}
}

// RunSearch holds a kind of store to what the contract says of the search index.
func RunSearch(t *testing.T, open func(t *testing.T) sink.Store) {
	for _, test := range append([]contract{{"retention takes stories", testRetainStories}}, searching()...) {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// Run holds a kind of store to the contract. open gives an empty store that is closed when t ends.
func Run(t *testing.T, open func(t *testing.T) sink.Store) {
	for _, test := range append([]contract{
		{"a story is stored with its outcome", testStored},
		{"a batch delivered again changes nothing", testRedelivery},
		{"ranks decide the outcome", testRanks},
		{"an edit is a version", testVersions},
		{"versions do not depend on the order of arrival", testVersionOrder},
		{"a new classification is no version", testReclassified},
		{"a forgotten story stays away", testForgotten},
		{"forgetting erases a story and leaves a tombstone", testForget},
		{"stories come in order over many pages", testStories},
		{"stories are exported", testExport},
		{"retention takes stories", testRetainStories},
		{"retention takes what earlier versions said", testRetainVersions},
		{"retention takes outcomes", testRetainLedger},
		{"retention takes steps that say nothing any longer", testRetainEvents},
		{"tombstones are taken from store to store", testTombstones},
		{"poison is singled out", testPoison},
		{"the ledger does not depend on the order of arrival", testLedgerOrder},
		{"a holding is all of an id", testHolding},
		{"the account balances", testAccount},
		{"a change that fails writes nothing", testAtomic},
		{"writers of the same ids do not lose updates", testConcurrent},
		{"overdue URLs are queued again", testSweep},
		{"why tells a life", testWhy},
		{"verify proves the store", testVerify},
		{"text comes back byte for byte", testText},
		{"a store that works answers", testPing},
		{"ids come in order over many pages", testPages},
	}, searching()...) {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// epoch is the instant the fixtures count from.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Story is a story on the beat whose evidence holds. Those of different n have different ids; the visit and the
// fetch are n minutes after a fixed instant.
func Story(n int) story.Story {
	url := fmt.Sprintf("https://herald.example/world/%d", n)
	s := story.Story{
		Article: story.Article{
			ID: story.NewID(url), URL: url, CanonicalURL: url,
			Source:   story.Source{ID: "herald_example", Name: "The Herald", Country: "GB", Host: "herald.example"},
			TextFrom: story.TextFromPage, Lang: "en", Authors: []string{"A. Writer"}, PageKind: story.KindArticle,
			Confidence: 0.93,
		},
		Rank: story.RankPrimary, Kind: story.KindEvent, Country: "ES",
		Labels: []story.Label{{
			Category: "defector_death", Score: 0.91,
			Subtypes: []story.Subtype{{Name: "killing", Score: 0.77}, {Name: "abroad", Score: 0.61}},
		}},
		Scores:   map[string]float64{"defector_death": 0.91, "intelligence_operation": 0.4},
		Entities: []story.Entity{}, Events: []story.Event{}, Origins: []story.Origin{},
		Fingerprint: "00ff00ff00ff00ff", Model: "m1", Lexicon: "l1",
	}
	s = WithText(s, "Former officer found dead", "The man, who had changed sides two years ago, was shot in a garage on the coast.")
	return At(s, n)
}

// WithText gives a story another title and text, and evidence in it.
func WithText(s story.Story, title, text string) story.Story {
	s.Title, s.Text = title, text
	sum := sha256.Sum256([]byte(title + "\x00" + text))
	s.ContentHash = hex.EncodeToString(sum[:])
	s.Labels = append([]story.Label(nil), s.Labels...)
	for i := range s.Labels {
		end := strings.IndexByte(text+" ", ' ')
		s.Labels[i].Evidence = []story.Span{{Field: story.FieldText, Start: 0, End: end, Quote: text[:end]}}
	}
	return s
}

// At moves a story's visit and fetch to n minutes after the fixed instant.
func At(s story.Story, n int) story.Story {
	s.FetchedAt = epoch.Add(time.Duration(n) * time.Minute)
	s.Visit = s.FetchedAt.UnixMilli()
	return s
}

// Entry is a ledger entry for the URL of Story(n), at n minutes after the fixed instant.
func Entry(n int, stage story.Stage, outcome story.Outcome) story.LedgerEntry {
	s := Story(n)
	return story.LedgerEntry{
		ID: s.ID, Visit: s.Visit, URL: s.URL, Source: s.Source.ID, Stage: stage, Outcome: outcome, At: s.FetchedAt,
	}
}

// newSink is a sink whose clock stands an hour after the fixed instant.
func newSink(store sink.Store) *sink.Sink {
	return sink.New(store, sink.Options{Now: func() time.Time { return epoch.Add(time.Hour) }})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, store sink.Store, stories ...story.Story) {
	t.Helper()
	must(t, newSink(store).Stories(t.Context(), stories))
}

func account(t *testing.T, store sink.Store, entries ...story.LedgerEntry) {
	t.Helper()
	must(t, newSink(store).Ledger(t.Context(), entries))
}

// stored is the current version of a story, decoded.
func stored(t *testing.T, store sink.Store, id story.ID) (sink.Row, story.Story) {
	t.Helper()
	v, err := store.Story(t.Context(), id)
	must(t, err)
	var s story.Story
	must(t, json.Unmarshal(v.Record, &s))
	return v, s
}

// life is the current outcome and all events of an id.
func life(t *testing.T, store sink.Store, id story.ID) (story.LedgerEntry, []story.LedgerEntry) {
	t.Helper()
	current, events, err := store.Life(t.Context(), id)
	must(t, err)
	return current, events
}

// holdings is everything that a store has, by id and in order.
func holdings(t *testing.T, store sink.Store) (all []sink.Holding) {
	t.Helper()
	var last story.ID
	for h, err := range store.Holdings(context.Background()) {
		must(t, err)
		if h.ID <= last {
			t.Fatalf("%s comes after %s", h.ID, last)
		}
		last, all = h.ID, append(all, h)
	}
	return all
}

// titles are those of all versions of a story, by number; the last must be the current one.
func titles(t *testing.T, h sink.Holding) (all []string) {
	t.Helper()
	for n, v := range h.Versions {
		record := v.Record
		if n == len(h.Versions)-1 {
			equal(t, "no record of the current version", record == nil, true)
			record = h.Row.Record
		}
		var s story.Story
		must(t, json.Unmarshal(record, &s))
		equal(t, "number", v.Number, n+1)
		all = append(all, s.Title)
	}
	equal(t, "current version", h.Row.Version, len(all))
	return all
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(sink.Version{})); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

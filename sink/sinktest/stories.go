package sinktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testStored(t *testing.T, store sink.Store) {
	s := Story(1)
	put(t, store, s)
	v, got := stored(t, store, s.ID)
	equal(t, "story", got, s)
	equal(t, "columns", []any{v.ID, v.Version, v.Current, v.Title, v.Text, v.Rank, v.Outcome, v.Visit},
		[]any{s.ID, 1, true, s.Title, s.Text, s.Rank, story.Stored, s.Visit})
	if want := epoch.Add(time.Hour); !v.StoredAt.Equal(want) {
		t.Fatalf("stored at %s, want %s", v.StoredAt, want)
	}
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
	ids := []story.ID{batch[0].ID, batch[1].ID, batch[3].ID}
	want := dump(t, store, ids...)
	late := sink.New(store, sink.Options{Now: func() time.Time { return epoch.Add(9 * time.Hour) }})
	for range 2 {
		must(t, late.Stories(t.Context(), append(batch, batch...)))
		for _, s := range batch {
			must(t, late.Stories(t.Context(), []story.Story{s}))
		}
	}
	equal(t, "after redelivery", dump(t, store, ids...), want)
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
		equal(t, string(c.story.Rank), []story.Outcome{v.Outcome, current.Outcome}, []story.Outcome{c.want, c.want})
	}
}

// history is the title of every version of every story, by number; the last must be the current one.
func history(t *testing.T, store sink.Store) (titles []string) {
	t.Helper()
	current := false
	for v, err := range store.Records(t.Context()) {
		must(t, err)
		var s story.Story
		must(t, json.Unmarshal(v.Record, &s))
		titles, current = append(titles, s.Title), v.Current
		if v.Version != len(titles) {
			t.Fatalf("version %d is record %d", v.Version, len(titles))
		}
	}
	if !current {
		t.Fatal("the last version is not the current one")
	}
	return titles
}

func testVersions(t *testing.T, store sink.Store) {
	first := Story(1)
	edit := func(title string, minute int) story.Story {
		return At(WithText(first, title, "Text of "+title), minute)
	}
	for i, step := range []struct {
		title  string
		minute int
		want   string
	}{
		{"A", 10, "A"},
		{"A", 20, "A"},             // seen again
		{"B", 30, "A B"},           // edited
		{"A", 40, "A B A"},         // and back
		{"B", 35, "A B A"},         // late, within what is known
		{"C", 50, "A B A C"},       //
		{"D", 5, "D A B A C"},      // late, older than all
		{"E", 15, "D A E A B A C"}, // late, while A stood
	} {
		put(t, store, edit(step.title, step.minute))
		equal(t, fmt.Sprintf("step %d", i), strings.Join(history(t, store), " "), step.want)
		_, current := stored(t, store, first.ID)
		titles := strings.Fields(step.want)
		equal(t, "current", current.Title, titles[len(titles)-1])
	}
	put(t, store, edit("C", 60))
	_, current := stored(t, store, first.ID)
	equal(t, "fetched_at after a quiet visit", current.FetchedAt, epoch.Add(time.Hour))
}

func testVersionOrder(t *testing.T, store sink.Store) {
	random := rand.New(rand.NewPCG(1, 2))
	var all [][]story.Story
	for n := range 12 {
		var sightings []story.Story
		for i := range 5 {
			title := string(rune('A' + (i+n)%3))
			sightings = append(sightings, At(WithText(Story(n), title, "Text of "+title), 10*i))
		}
		random.Shuffle(len(sightings), func(i, j int) { sightings[i], sightings[j] = sightings[j], sightings[i] })
		all = append(all, sightings)
	}
	for i := range 5 {
		for _, sightings := range all {
			put(t, store, sightings[i], sightings[0])
		}
	}
	got := map[story.ID]string{}
	for v, err := range store.Records(t.Context()) {
		must(t, err)
		var s story.Story
		must(t, json.Unmarshal(v.Record, &s))
		got[v.ID] += s.Title
	}
	for n := range 12 {
		want := ""
		for i := range 5 {
			want += string(rune('A' + (i+n)%3))
		}
		equal(t, "versions", got[Story(n).ID], want)
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
	equal(t, "outcome", v.Outcome, story.Stored)
	_, events := life(t, store, s.ID)
	equal(t, "events", len(events), 2)
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

func testPoison(t *testing.T, store sink.Store) {
	far := time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	spoil := []func(*story.Story){
		func(s *story.Story) { s.ID = "no id" },
		func(s *story.Story) { *s = WithText(*s, "NUL", "before \x00 after") },
		func(s *story.Story) { *s = WithText(*s, "bytes", "before \xff after") },
		func(s *story.Story) { s.Rank = "best" },
		func(s *story.Story) { s.URL = "" },
		func(s *story.Story) { s.ContentHash = "" },
		func(s *story.Story) { s.Published = &far },
		func(s *story.Story) { s.Labels[0].Evidence[0].Quote = "never said" },
		func(s *story.Story) { s.Labels[0].Evidence = nil },
	}
	var batch []story.Story
	for n, f := range spoil {
		bad := Story(100 + n)
		f(&bad)
		err := newSink(store).Stories(t.Context(), []story.Story{bad})
		if v := fault.Of(err); v.Action != fault.Settle || v.Outcome != string(story.DeadLetter) {
			t.Errorf("poison %d alone: %v", n, err)
		}
		batch = append(batch, Story(n), bad)
	}
	err := newSink(store).Stories(t.Context(), batch)
	if err == nil || fault.Of(err).Action == fault.Settle {
		t.Fatalf("a batch with poison in it: %v", err)
	}
	for n := range spoil {
		stored(t, store, Story(n).ID)
	}
	for n, bad := range []story.LedgerEntry{
		{ID: "no id", Stage: story.StageParser, Outcome: story.NoText},
		Entry(1, story.StageParser, "lost"),
		Entry(1, story.StageParser, story.Merged),
		Entry(1, "", story.NoText),
	} {
		if err := newSink(store).Ledger(t.Context(), []story.LedgerEntry{bad}); fault.Of(err).Action != fault.Settle {
			t.Errorf("poison entry %d: %v", n, err)
		}
	}
}

func testText(t *testing.T, store sink.Store) {
	for n, text := range []string{
		"Ünïcödé, 中文, 한국어, العربية, emoji 🕵️, combining e\u0301",
		"quotes ' \" ` \\ \\u0000 \\ufffd \ufffd % ? ; -- <b>&amp;</b>\u2028\r\n\ttabs",
		strings.Repeat("A long text. ", 60_000),
	} {
		s := WithText(Story(n), text, text)
		put(t, store, s)
		v, got := stored(t, store, s.ID)
		if v.Text != text || got.Text != text || v.Title != text {
			t.Errorf("text %d came back as %.80q", n, v.Text)
		}
	}
}

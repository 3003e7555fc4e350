package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/replay"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// withThresholds is the built-in model with others: for a label, and for review, in ten-thousandths.
func withThresholds(t *testing.T, label, review int32) *classifier.Classifier {
	t.Helper()
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	m := c.Model()
	for i := range m.Categories {
		m.Categories[i].Threshold, m.Categories[i].Review = label, review
	}
	var artefact bytes.Buffer
	if err := m.Encode(&artefact); err != nil {
		t.Fatal(err)
	}
	if c, err = classifier.NewWith(artefact.Bytes()); err != nil {
		t.Fatal(err)
	}
	return c
}

// replayed runs a replay and gives its changes by id; the last of an id counts.
func replayed(t *testing.T, o replay.Options) (map[story.ID]replay.Change, replay.Summary) {
	t.Helper()
	changes := map[story.ID]replay.Change{}
	sum, err := replay.Run(t.Context(), o, func(c replay.Change) error { changes[c.ID] = c; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if sum.Unreadable > 0 || sum.Gone > 0 {
		t.Errorf("unreadable or gone: %+v", sum)
	}
	return changes, sum
}

// rows are the current records and the numbers of their versions.
func rows(t *testing.T, store sink.Store) map[story.ID]sink.Row {
	t.Helper()
	all := map[story.ID]sink.Row{}
	for h, err := range store.Holdings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if h.Row != nil {
			all[h.ID] = *h.Row
		}
	}
	return all
}

// A replay says exactly what another model changes, changes nothing with --diff, and published it changes the store's
// records in place: to what the model says, and back again byte for byte, within the time that message ids are remembered.
func TestReplay(t *testing.T) {
	t.Parallel()
	room, addr := startNewsroom(t, newsroom.Options{Revise: time.Hour})
	cfg := testConfig(t, addr)
	up, stop := start(t, app.Options{Config: cfg, Feeds: feedlist.Of(room.Feeds()...), Timings: bus.FastTimings()})
	w := world{room: room, config: cfg}
	store := w.store(t)
	w.settled(t, store, room.Expectations(), 100*time.Second)
	stored := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := replay.Settled(ctx, up.Bus, func(int) {}); err != nil {
			t.Fatal(err)
		}
	}
	stored()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// Nothing more is fetched: what changes from now on, a replay changes.
	up, stop = start(t, app.Options{Config: cfg, Timings: bus.FastTimings(), Targets: []app.Target{story.StageClassifier, story.StageSink}})
	stored()
	before := rows(t, store)
	builtIn, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	strict, lenient := withThresholds(t, 9900, 8000), withThresholds(t, 300, 100)

	// The same model, as the store tells and as the stream of stories does.
	for name, o := range map[string]replay.Options{"store": {Store: store}, "stream": {Bus: up.Bus}, "both": {Bus: up.Bus, Store: store}} {
		o.Model, o.Before = builtIn, []*classifier.Classifier{builtIn}
		changes, sum := replayed(t, o)
		if len(changes) > 0 || sum.Recorded != len(before) || o.Bus != nil && sum.Unrecorded < 20 {
			t.Errorf("%s: %d changes, %+v, want %d stories", name, len(changes), sum, len(before))
		}
	}

	// What it would change is what it changes.
	was, sum := replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: strict, Before: []*classifier.Classifier{builtIn}})
	fromStream, _ := replayed(t, replay.Options{Bus: up.Bus, Model: strict, Before: []*classifier.Classifier{builtIn}})
	fromStore, _ := replayed(t, replay.Options{Store: store, Model: strict, Before: []*classifier.Classifier{builtIn}})
	for id, c := range was {
		for name, other := range map[string]replay.Change{"stream": fromStream[id], "store": fromStore[id]} {
			if other.From = c.From; !sameJSON(t, other, c) {
				t.Errorf("by the %s: %+v, want %+v", name, other, c)
			}
		}
	}
	if sum.Moves["primary → review"] == 0 || sum.Changed+sum.Incidental != len(before) || len(fromStream) != len(was) || len(fromStore) != len(was) {
		t.Errorf("%+v of %d stories", sum, len(before))
	}
	if after := rows(t, store); !sameJSON(t, after, before) {
		t.Error("a diff has changed the store")
	}
	_, sum = replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: strict, Publish: true})
	stored()
	now := rows(t, store)
	if sum.Published != len(before) || len(now) != len(before) {
		t.Errorf("%+v; %d rows, want %d", sum, len(now), len(before))
	}
	for id, row := range now {
		want := before[id].Rank
		if m := was[id].Rank; m != nil {
			want = m.New
		}
		if row.Rank != want || row.Version != before[id].Version || !strings.Contains(string(row.Record), strict.ModelID()) {
			t.Errorf("%s: rank %s, want %s; version %d, was %d", row.URL, row.Rank, want, row.Version, before[id].Version)
		}
	}
	if changes, sum := replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: strict, Publish: true}); sum.Published > 0 {
		t.Errorf("a second run published %d: %v", sum.Published, changes)
	}

	// And back: the messages are byte for byte those of the first day.
	replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: builtIn, Publish: true})
	stored()
	if after := rows(t, store); !sameJSON(t, after, before) {
		t.Error("the way back does not lead where it began")
	}
	verified(t, store)

	// Articles that were found off the beat come up too, where another model takes them.
	changes, sum := replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: lenient, Before: []*classifier.Classifier{builtIn}})
	risen := slices.DeleteFunc(slices.Collect(values(changes)), func(c replay.Change) bool { return !c.Unrecorded })
	if len(risen) == 0 || sum.Moves["other → primary"]+sum.Moves["other → review"] != len(risen) {
		t.Fatalf("%d articles came up: %+v", len(risen), sum)
	}
	for _, c := range risen {
		why := strings.Join(c.Why, "\n")
		if c.From != "articles" || c.Rank == nil || c.Rank.Old != story.RankOther || !strings.Contains(why, "off the beat") || !strings.Contains(why, "threshold") {
			t.Errorf("%+v", c)
		}
		if _, known := before[c.ID]; known {
			t.Errorf("%s has a record", c.URL)
		}
	}
	if _, sum := replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: lenient, Since: time.Now().Add(time.Hour)}); sum.Recorded+sum.Unrecorded > 0 {
		t.Errorf("from the future: %+v", sum)
	}
	replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: lenient, Publish: true})
	stored()
	for _, c := range risen {
		current, _, err := store.Life(t.Context(), c.ID)
		if want := map[story.Rank]story.Outcome{story.RankPrimary: story.Stored, story.RankReview: story.Review}[c.Rank.New]; err != nil || current.Outcome != want {
			t.Errorf("%s: %s, %v, want %s", c.URL, current.Outcome, err, want)
		}
	}
	verified(t, store)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func verified(t *testing.T, store sink.Store) {
	t.Helper()
	report, err := sink.Verify(t.Context(), store, nil)
	if err != nil || !report.OK() {
		t.Errorf("verify: %v, faults %v", err, report.Faults)
	}
}

func values(m map[story.ID]replay.Change) func(func(replay.Change) bool) {
	return func(yield func(replay.Change) bool) {
		for _, c := range m {
			if !yield(c) {
				return
			}
		}
	}
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// A story that was forgotten is not judged again, let alone published.
func TestReplayLeavesTheForgotten(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, "127.0.0.1:1")
	cfg.Store = filepath.Join(t.TempDir(), "stories.db")
	up, _ := start(t, app.Options{Config: cfg, Feeds: feedlist.Of(), Timings: bus.FastTimings()})
	store := world{config: cfg}.store(t)
	a := story.Article{
		ID: story.NewID("http://gone.localhost/a"), Visit: 5, URL: "http://gone.localhost/a", CanonicalURL: "http://gone.localhost/a", ContentHash: "x", Lang: "en",
		Title: "Two charged with spying", Text: "Police arrested two men accused of spying for the GRU, prosecutors said.", Authors: []string{}, FetchedAt: time.UnixMilli(5),
	}
	if err := up.Bus.PublishArticle(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	builtIn, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		_, sum := replayed(t, replay.Options{Bus: up.Bus, Store: store, Model: builtIn})
		return sum.Recorded + sum.Unrecorded
	}
	if n := count(); n != 1 {
		t.Fatalf("%d stories, want 1", n)
	}
	entry := story.LedgerEntry{ID: a.ID, Visit: 6, URL: a.URL, Stage: story.StageSink, Outcome: story.Forgotten, At: time.UnixMilli(6)}
	if err := up.Bus.PublishLedger(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		current, _, err := store.Life(t.Context(), a.ID)
		if err == nil && current.Outcome == story.Forgotten {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("never forgotten: %v", err)
		}
	}
	if n := count(); n != 0 {
		t.Errorf("%d stories after it was forgotten", n)
	}
}

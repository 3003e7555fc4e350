package story_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
)

func TestNewID(t *testing.T) {
	a, b := story.NewID("https://example.com/a"), story.NewID("https://example.com/b")
	if a == b || !a.Valid() || !b.Valid() || len(a) != 26 {
		t.Errorf("ids %q and %q", a, b)
	}
	for _, bad := range []story.ID{"", "A", a + "a", a[:25] + "1", a[:25] + "A"} {
		if bad.Valid() {
			t.Errorf("%q passes as an id", bad)
		}
	}
}

func TestPageTravelsUnchanged(t *testing.T) {
	published := time.Date(2026, 11, 2, 8, 0, 0, 0, time.FixedZone("", 2*3600))
	page := story.Page{
		ID: story.NewID("https://example.com/a"), Visit: 7, URL: "https://example.com/a", Status: 200,
		Item: &story.Item{Title: "a\nb", Published: &published}, Body: []byte("\n\x00binary\n{}"),
	}
	wire, err := page.AppendWire([]byte{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := story.ParsePage(wire)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Body, page.Body) || got.Item.Title != page.Item.Title || !got.Item.Published.Equal(published) || got.Ref() != page.Ref() {
		t.Errorf("got %+v", got)
	}
	page.Item.Content = strings.Repeat("x", story.MaxPageHead)
	if _, err := page.AppendWire(nil); !errors.Is(err, story.ErrPageHead) {
		t.Errorf("a head of more than 64 KiB: %v", err)
	}
	for _, bad := range []string{"", "{}", "{}\nbody", "not json\nbody", strings.Repeat(" ", story.MaxPageHead+1) + "\n"} {
		if _, err := story.ParsePage([]byte(bad)); err == nil {
			t.Errorf("%.20q passes as a page", bad)
		}
	}
}

func TestSpanVerify(t *testing.T) {
	a := story.Article{Title: "Шпион", Text: "a spy"}
	for span, want := range map[story.Span]string{
		{Field: "text", Start: 2, End: 5, Quote: "spy"}:           "",
		{Field: "title", Start: 0, End: 10, Quote: "Шпион"}:       "",
		{Field: "text", Start: 2, End: 5, Quote: "Spy"}:           "not the quoted",
		{Field: "text", Start: 2, End: 6, Quote: "spy"}:           "outside",
		{Field: "text", Start: -1, End: 3, Quote: "spy"}:          "outside",
		{Field: "text", Start: 3, End: 3, Quote: ""}:              "outside",
		{Field: "summary", Start: 0, End: 1, Quote: "a"}:          "want title or text",
		{Field: "title", Start: 1, End: 3, Quote: "\xa8\xd0\xbf"}: "not the quoted",
	} {
		err := span.Verify(a)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", span, err, want)
		}
	}
}

// A story must be caught whatever kind of claim it is that has no evidence or a wrong one.
func TestStoryVerifySeesEveryClaim(t *testing.T) {
	good, bad := []story.Span{{Field: "text", Start: 0, End: 1, Quote: "a"}}, []story.Span{{Field: "text", Start: 0, End: 1, Quote: "b"}}
	for name, s := range map[string]story.Story{
		"label":  {Labels: []story.Label{{Category: "c", Evidence: bad}}},
		"bare":   {Labels: []story.Label{{Category: "c"}}},
		"entity": {Entities: []story.Entity{{Canonical: "e", Spans: bad}}},
		"event":  {Events: []story.Event{{Type: "death", Evidence: bad}}},
		"victim": {Events: []story.Event{{Type: "death", Evidence: good, Roles: story.Roles{Victim: []story.Mention{{Spans: bad}}}}}},
		"agency": {Events: []story.Event{{Type: "death", Evidence: good, Roles: story.Roles{Agency: []story.Mention{{}}}}}},
		"origin": {Origins: []story.Origin{{Name: "o", Span: bad[0]}}},
	} {
		s.Text = "a"
		if faults := s.Verify(); len(faults) != 1 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

// The current outcome must not depend on the order in which entries arrive, nor on how often.
func TestSupersedesIsAnOrder(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)).UTC() }
	entries := []story.LedgerEntry{
		{Visit: 1, Stage: story.StageFetcher, Outcome: story.Listed, At: at(1)},
		{Visit: 1, Stage: story.StageFetcher, Outcome: story.FetchFailed, At: at(9)},
		{Visit: 1, Stage: story.StageParser, Outcome: story.NoText, At: at(3)},
		{Visit: 1, Stage: story.StageSink, Outcome: story.Stored, At: at(4)},
		{Visit: 2, Stage: story.StageFetcher, Outcome: story.Listed, At: at(5)},
		{Visit: 2, Stage: story.StageFetcher, Outcome: story.Gone, At: at(6)},
		{Visit: 2, Stage: story.StageFetcher, Outcome: story.Robots, At: at(6)},
		{Visit: 2, Stage: story.StageParser, Outcome: story.DeadLetter, At: at(8)},
		{Visit: 2, Stage: story.StageParser, Outcome: story.Merged, At: at(7)}, // replayed; the time is the page's
		{Visit: 2, Stage: story.StageClassifier, Outcome: story.NotRelevant, At: at(7)},
	}
	current := func(entries []story.LedgerEntry) story.Outcome {
		best := entries[0]
		for _, e := range entries[1:] {
			if e.Supersedes(best) {
				best = e
			}
		}
		return best.Outcome
	}
	for _, c := range []struct {
		of   []story.LedgerEntry
		want story.Outcome
	}{
		{entries, story.Stored}, {entries[:3], story.NoText}, {entries[:2], story.FetchFailed},
		{entries[4:6], story.Gone}, {entries[4:7], story.Robots},
		{entries[4:8], story.DeadLetter}, {entries[4:9], story.Merged}, {entries[7:], story.NotRelevant},
		{append(entries[:3:3], entries[4]), story.NoText}, // listed again by another feed: a sighting
		{append(entries[:7:7], story.LedgerEntry{Visit: 0, Outcome: story.Forgotten}), story.Forgotten},
	} {
		for seed := range uint64(50) {
			shuffled := slices.Concat(c.of, c.of)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if got := current(shuffled); got != c.want {
				t.Fatalf("seed %d: %s, want %s", seed, got, c.want)
			}
		}
	}
}

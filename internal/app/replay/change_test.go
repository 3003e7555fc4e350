package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/spywire/spywire/internal/story"
)

func TestScoreSaysWhatItCrosses(t *testing.T) {
	p := func(f float64) *float64 { return &f }
	for _, c := range []struct {
		score Score
		want  string
	}{
		{Score{Old: p(.1), New: .2, Threshold: .7, Review: .3}, "0.1000 → 0.2000"},
		{Score{Old: p(.1), New: .7, Threshold: .7, Review: .3}, "0.1000 → 0.7000, reaches the threshold 0.7000"},
		{Score{Old: p(.1), New: .4, Threshold: .7, Review: .3}, "0.1000 → 0.4000, reaches the threshold of review 0.3000"},
		{Score{Old: p(.8), New: .4, Threshold: .7, Review: .3}, "0.8000 → 0.4000, under the threshold 0.7000, over that of review 0.3000"},
		{Score{Old: p(.8), New: .1, Threshold: .7, Review: .3}, "0.8000 → 0.1000, under the threshold 0.7000 and that of review 0.3000"},
		{Score{Old: p(.4), New: .1, Threshold: .7, Review: .3}, "0.4000 → 0.1000, under the threshold of review 0.3000"},
		{Score{Old: p(.8), New: .8, OldThreshold: .7, Threshold: .9, Review: .3}, "0.8000, threshold 0.7000 → 0.9000, under the threshold 0.9000, over that of review 0.3000"},
		{Score{Old: p(.8), New: .8, OldThreshold: .9, Threshold: .7, Review: .3}, "0.8000, threshold 0.9000 → 0.7000, reaches the threshold 0.7000"},
		{Score{New: .8, Threshold: .7, Review: .3}, "0.8000, reaches the threshold 0.7000"},
		{Score{Old: p(.8), New: .1}, "0.8000 → 0.1000"}, // decided by rules, which have no thresholds here
	} {
		if got := c.score.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.score, got, c.want)
		}
	}
}

func TestCompareNamesWhatDiffers(t *testing.T) {
	span := func(quote string) story.Span { return story.Span{Field: "text", End: len(quote), Quote: quote} }
	base := story.Story{
		Rank: story.RankPrimary, Kind: story.KindEvent, Scores: map[string]float64{"a": .9, "b": .1}, Model: "m1", Lexicon: "l1",
		Labels:  []story.Label{{Category: "a", Score: .9, Subtypes: []story.Subtype{{Name: "s", Score: .9}}, Evidence: []story.Span{span("x"), span("yy")}}},
		Origins: []story.Origin{{Name: "o"}}, Events: []story.Event{{Type: "death"}}, Entities: []story.Entity{{Name: "e"}},
	}
	r := &run{now: thresholds{}, before: map[string]thresholds{}}
	for want, change := range map[string]func(*story.Story){
		"":          func(*story.Story) {},
		"rank":      func(s *story.Story) { s.Rank = story.RankReview },
		"kind":      func(s *story.Story) { s.Kind = story.KindOpinion },
		"country":   func(s *story.Story) { s.Country = "ES" },
		"events":    func(s *story.Story) { s.Events = []story.Event{{Type: "death"}, {Type: "death"}} },
		"origins":   func(s *story.Story) { s.Origins = nil },
		"entities":  func(s *story.Story) { s.Entities = []story.Entity{{Name: "f"}} },
		"scores":    func(s *story.Story) { s.Scores = map[string]float64{"a": .9, "b": .2} },
		"model":     func(s *story.Story) { s.Model = "m2" },
		"lexicon":   func(s *story.Story) { s.Lexicon = "l2" },
		"second":    func(s *story.Story) { s.Second = &story.Opinion{Model: "m", Verdict: story.Unsure} },
		"watchlist": func(s *story.Story) { s.Watchlist = "w" },
		"labels": func(s *story.Story) {
			s.Labels = []story.Label{{Category: "a", Score: .9, Subtypes: base.Labels[0].Subtypes, Evidence: []story.Span{span("x")}}}
		},
	} {
		now := base
		change(&now)
		c := r.compare(&base, now)
		if got := strings.Join(c.Changed, ","); got != want {
			t.Errorf("changed %q, want %q", got, want)
		}
		if c.Incidental() != (want == "" || slices.Contains(incidental, want)) {
			t.Errorf("%q: incidental is %v", want, c.Incidental())
		}
	}
	moved := base
	moved.Labels = []story.Label{{Category: "b", Evidence: []story.Span{span("z")}}}
	c := r.compare(&base, moved)
	if len(c.Labels) != 2 || c.Labels[0].Change != "lost" || len(c.Labels[0].Evidence.Lost) != 2 || c.Labels[1].Change != "gained" || len(c.Labels[1].Evidence.Gained) != 1 {
		t.Errorf("labels %+v", c.Labels)
	}
	// Order says nothing: the same quotes in another order are the same evidence.
	turned := base
	turned.Labels = []story.Label{base.Labels[0]}
	turned.Labels[0].Evidence = []story.Span{span("yy"), span("x")}
	if c := r.compare(&base, turned); len(c.Changed) != 0 {
		t.Errorf("turned evidence: %v", c.Changed)
	}
}

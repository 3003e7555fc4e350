package replay

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/story"
)

// thresholds are what a probability has to reach, by category: for a label, and for review.
type thresholds map[string]struct{ label, review float64 }

func thresholdsOf(c *classifier.Classifier) thresholds {
	t := thresholds{}
	if c == nil || c.Model() == nil {
		return t
	}
	for _, w := range c.Model().Categories {
		t[w.Category] = struct{ label, review float64 }{float64(w.Threshold) / 1e4, float64(w.Review) / 1e4}
	}
	return t
}

// scores are the probabilities that moved, or whose threshold did; moved reports whether one is of the first kind.
func (r *run) scores(old *story.Story, now story.Story) (scores map[string]Score, moved bool) {
	scores = map[string]Score{}
	for category, p := range now.Scores {
		s := Score{New: p, Threshold: r.now[category].label, Review: r.now[category].review}
		same := false
		if old != nil {
			if before, known := old.Scores[category]; known {
				s.Old, same = &before, before == p
			}
			s.OldThreshold = r.before[old.Model][category].label // 0 of a model that is not known
		}
		moved = moved || !same
		if !same || s.OldThreshold > 0 && s.OldThreshold != s.Threshold || old.Rank != now.Rank {
			scores[category] = s
		}
	}
	return scores, moved
}

// why are the reasons for a change, in the order in which they follow from one another.
func (c *Change) why() []string {
	why := []string{}
	say := func(format string, a ...any) { why = append(why, fmt.Sprintf(format, a...)) }
	switch {
	case c.Unrecorded && c.Model != nil:
		say("it has no record: model %s finds it off the beat", c.Model.Old)
	case c.Unrecorded:
		say("it has no record: it was off the beat, or is not judged yet")
	}
	if c.Model != nil {
		say("judged by model %s, was %s", c.Model.New, c.Model.Old)
	}
	if c.Lexicon != nil {
		say("word lists %s, were %s", c.Lexicon.New, c.Lexicon.Old)
	}
	if c.Watch != nil {
		say("watchlists %s, were %s", orNone(c.Watch.New), orNone(c.Watch.Old))
	}
	if c.Second != nil {
		say("second stage: %s, was %s", orNone(c.Second.New), orNone(c.Second.Old))
	}
	for _, category := range slices.Sorted(maps.Keys(c.Scores)) {
		say("%s %s", category, c.Scores[category])
	}
	for _, l := range c.Labels {
		say("label %s %s%s", l.Category, l.Change, evidence(l.Evidence))
	}
	return why
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func evidence(d *Difference[story.Span]) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf(": %d quotes gained, %d lost", len(d.Gained), len(d.Lost))
}

// String is a probability's move and which thresholds it crossed.
func (s Score) String() string {
	text := fmt.Sprintf("%.4f", s.New)
	if s.Old != nil && *s.Old != s.New {
		text = fmt.Sprintf("%.4f → %s", *s.Old, text)
	}
	before := s.OldThreshold
	switch {
	case s.Threshold == 0:
		return text
	case s.Old != nil && before > 0 && before != s.Threshold:
		text += fmt.Sprintf(", threshold %.4f → %.4f", before, s.Threshold)
	}
	if before == 0 {
		before = s.Threshold
	}
	was, is := s.Old != nil && *s.Old >= before, s.New >= s.Threshold
	switch {
	case is && !was:
		return text + fmt.Sprintf(", reaches the threshold %.4f", s.Threshold)
	case was && !is && s.New >= s.Review:
		return text + fmt.Sprintf(", under the threshold %.4f, over that of review %.4f", s.Threshold, s.Review)
	case was && !is:
		return text + fmt.Sprintf(", under the threshold %.4f and that of review %.4f", s.Threshold, s.Review)
	case !is && s.New >= s.Review && (s.Old == nil || *s.Old < s.Review):
		return text + fmt.Sprintf(", reaches the threshold of review %.4f", s.Review)
	case !is && s.New < s.Review && s.Old != nil && *s.Old >= s.Review:
		return text + fmt.Sprintf(", under the threshold of review %.4f", s.Review)
	}
	return text
}

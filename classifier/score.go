package classifier

import (
	"math"
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// maxEvidence bounds the spans of one label; the strongest conditions come first.
const maxEvidence = 16

// offStage is taken away, in thousandths of a logit, where every sign stands in some sentence far down: what
// that sentence tells may well be on the beat, but the article is about something else.
const offStage = 800

// verdict is what a category says of a document.
type verdict struct {
	category    *category
	probability float64
	evidence    []story.Span
	subtypes    []story.Subtype
}

// judge sums the weights of the conditions that hold, each as much as its best place is worth.
func (cat *category) judge(d *document) verdict {
	type fired struct {
		feature *feature
		at      []int
	}
	z := cat.bias * fullPlace
	staged := false
	var helped []fired
	for i := range cat.features {
		f := &cat.features[i]
		place, at := f.holds(d)
		if place == 0 {
			continue
		}
		if f.weight < 0 && place == bodyPlace {
			place = strayPlace
		}
		z += f.weight * place
		if f.weight > 0 {
			helped = append(helped, fired{f, at})
			staged = staged || place >= densePlace
		}
	}
	if !staged {
		z -= offStage * fullPlace
	}
	v := verdict{category: cat, probability: logistic(z)}
	slices.SortStableFunc(helped, func(a, b fired) int { return b.feature.weight - a.feature.weight })
	for _, h := range helped {
		for _, at := range h.at[:min(len(h.at), 2)] {
			v.evidence = h.feature.quote(d, at, v.evidence)
		}
	}
	for _, s := range cat.subtypes {
		best := 0
		for i := range s.any {
			if place, _ := s.any[i].holds(d); place > best {
				best = place
			}
		}
		if best > 0 {
			v.subtypes = append(v.subtypes, story.Subtype{Name: s.name, Score: round4(v.probability * float64(best) / fullPlace)})
		}
	}
	slices.SortStableFunc(v.subtypes, func(a, b story.Subtype) int { return compare(b.Score, a.Score) })
	return v
}

// logistic turns thousandths of a logit times fullPlace into a probability rounded to 4 decimals.
func logistic(z int) float64 {
	return round4(1 / (1 + math.Exp(-float64(z)/1000/fullPlace)))
}

func round4(f float64) float64 { return math.Round(f*1e4) / 1e4 }

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

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
	logit       int // thousandths of a logit times fullPlace
	probability float64
	threshold   float64
	review      float64
	helped      []fired // the conditions that hold and speak for it, the strongest first
	evidence    []story.Span
	subtypes    []story.Subtype
}

// fired is a condition that holds, with the sentences where it does.
type fired struct {
	feature *feature
	at      []int
}

// holds reports whether the category's label is given.
func (v verdict) holds() bool { return v.probability >= v.threshold && len(v.evidence) > 0 }

// Second is the probability at which a story that is on the beat by one category gets the label of another as
// well, where that other's threshold is higher: more likely than not. Thresholds are set against false alarms, and a
// second label is none.
const Second = 0.5

func (v verdict) holdsToo() bool { return v.probability >= Second && len(v.evidence) > 0 }

// quote is the evidence: the words of the conditions that hold, or those that a model went by.
func (v *verdict) quote(d *document, w *Weights) {
	for _, h := range v.helped {
		for _, at := range h.at[:min(len(h.at), 2)] {
			v.evidence = h.feature.quote(d, at, v.evidence)
		}
	}
	if len(v.evidence) == 0 && w != nil {
		v.evidence = w.quote(d)
	}
}

// rules is what the conditions of every category say by themselves.
func (c *Classifier) rules(d *document) []verdict {
	all := make([]verdict, len(c.categories))
	for i := range c.categories {
		all[i] = c.categories[i].judge(d)
	}
	return all
}

// judge is what every category says, by the model if there is one.
func (c *Classifier) judge(d *document) []verdict {
	all := c.rules(d)
	if c.model == nil {
		for k := range all {
			all[k].quote(d, nil)
		}
		return all
	}
	v := c.scratch.Get().(*vectorOf)
	defer c.scratch.Put(v)
	c.vector(v, d, all)
	for k := range all {
		w := &c.model.Categories[k]
		r := &all[k]
		r.probability = w.Probability(w.logit(v))
		r.threshold, r.review = float64(w.Threshold)/1e4, float64(w.Review)/1e4
		for i := range r.subtypes {
			r.subtypes[i].Score = min(r.subtypes[i].Score, r.probability)
		}
		switch {
		case r.probability >= min(r.threshold, Second):
			r.quote(d, w)
		case c.watch != nil: // a name on it may give the label yet
			r.quote(d, nil)
		}
	}
	return all
}

// judge sums the weights of the conditions that hold, each as much as its best place is worth.
func (cat *category) judge(d *document) verdict {
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
	v := verdict{category: cat, logit: z, probability: logistic(z / fullPlace), threshold: cat.threshold, review: cat.review, helped: helped}
	slices.SortStableFunc(helped, func(a, b fired) int { return b.feature.weight - a.feature.weight })
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

// logistic turns thousandths of a logit into a probability rounded to 4 decimals.
func logistic(z int) float64 {
	return round4(Sigmoid(float64(z) / 1000))
}

// Sigmoid is the probability of a logit, the same to the last bit on every machine.
func Sigmoid(x float64) float64 { return 1 / (1 + exp(-max(-20, min(20, x)))) }

// exp is e to the x for small x, in operations that every machine rounds alike: math.Exp is assembly on some.
func exp(x float64) float64 {
	y, sum, term := x/1024, 1.0, 1.0
	for i := 1.0; i <= 8; i++ {
		term = float64(term*y) / i
		sum += term
	}
	for range 10 {
		sum = float64(sum * sum)
	}
	return sum
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

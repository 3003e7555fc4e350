package classifier

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// quote is the evidence where no condition of the category was met: the words of title and lead whose concepts,
// alone or together in a sentence, weigh most for the category.
func (w *Weights) quote(d *document) []story.Span {
	type reason struct {
		weight int32
		at     int
		words  set
	}
	var reasons []reason
	for i := range d.sentences[:d.lead] {
		var ids []concept
		for _, h := range d.sentences[i].hits {
			if means(h) && !slices.Contains(ids, h.ID) {
				ids = append(ids, h.ID)
			}
		}
		slices.Sort(ids)
		for k, a := range ids {
			one := reason{weight: w.weight[a], at: i}
			one.words.add(a)
			reasons = append(reasons, one)
			for _, b := range ids[k+1:] {
				two := reason{weight: w.weight[firstPair+int(a)*maxConcepts+int(b)] + max(0, w.weight[a]) + max(0, w.weight[b]), at: i, words: one.words}
				two.words.add(b)
				reasons = append(reasons, two)
			}
		}
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return int(b.weight - a.weight) })
	var spans []story.Span
	for _, r := range reasons[:min(len(reasons), 4)] {
		if r.weight > 0 {
			c := condition{groups: []set{r.words}, scope: inSentence}
			spans = c.quote(d, r.at, spans)
		}
	}
	return spans
}

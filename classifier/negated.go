package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
)

// notBehind are the languages whose "not" stands behind the verb, and often behind its object.
var notBehind = map[string]bool{"de": true, "fr": true, "nl": true, "sv": true, "da": true, "nb": true, "no": true, "is": true}

// negationReach is how many words may stand between "not" and what it is about.
const negationReach = 3

// negated reports whether a sentence says of a hit that it is not so: "has not accused", "n'accuse pas", "beschuldigt Russland
// nicht". A comma ends what a negation is about.
func (c *Classifier) negated(d *document, s *sentence, h match.Hit) bool {
	t := s.part
	in := t.Sentences[s.index]
	denies := func(k int) bool { return negations[t.Folded(k)] || c.is(d, t, k, "nobody") }
	for k := h.First - 1; k >= in.First && h.First-k <= negationReach && !strings.ContainsAny(t.Between(k), ",;:"); k-- {
		if denies(k) {
			return true
		}
	}
	if notBehind[d.lang] {
		for k := h.Last; k < in.Last && k-h.Last < negationReach && !strings.ContainsAny(t.Before(k), ",;:"); k++ {
			if denies(k) {
				return true
			}
		}
	}
	return false
}

// onlyFeared reports whether all that a sentence tells of harm is what may come: "fears that Moscow will kill him", "if Moscow
// kills him". "Could have been killed" is a doubt about what was.
func (c *Classifier) onlyFeared(d *document, s *sentence, harm []concept) bool {
	t := s.part
	some := false
	for _, h := range s.hits {
		if !means(h) || !slices.Contains(harm, h.ID) {
			continue
		}
		feared := false
		for k := h.First - 1; k >= t.Sentences[s.index].First && h.First-k <= negationReach && !feared; k-- {
			feared = c.is(d, t, k, "wish") && !t.Is(k+1, "have")
		}
		if !feared {
			return false
		}
		some = true
	}
	return some
}

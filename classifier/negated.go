package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
)

// nobody are words for nobody, folded, over all languages: they deny as "not" does. The model knows negations only.
var nobody = map[string]bool{
	"nobody": true, "none": true, "nor": true, "neither": true, "niemand": true, "никто": true, "ніхто": true, "никой": true, "nikt": true,
	"nadie": true, "personne": true, "nessuno": true, "ninguem": true, "kimse": true, "ingen": true,
}

// notBehind are the languages whose "not" stands behind the verb, and often behind its object.
var notBehind = map[string]bool{"de": true, "fr": true, "nl": true, "sv": true, "da": true, "nb": true, "no": true, "is": true}

// negationReach is how many words may stand between "not" and what it is about.
const negationReach = 3

// negated reports whether a sentence says of a hit that it is not so: "has not accused", "n'accuse pas", "beschuldigt Russland
// nicht". A comma ends what a negation is about.
func (c *Classifier) negated(d *document, s *sentence, h match.Hit) bool {
	t := s.part
	in := t.Sentences[s.index]
	denies := func(k int) bool { return negations[t.Folded(k)] || nobody[t.Folded(k)] }
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

// wouldBe are words before a verb that tell of what may come or is wished, and not of what was; folded, over all languages.
// Left out is what is also a word of the past or of oneself: "wurde", "se", "si".
var wouldBe = map[string]bool{
	"will": true, "would": true, "could": true, "might": true, "if": true, "ll": true, "wants": true, "wanted": true, "threatened": true,
	"konnte": true, "wollte": true, "wollten": true, "wenn": true, "хочет": true, "хотят": true, "хотел": true, "хотели": true, "может": true, "могут": true,
	"если": true, "хоче": true, "хотіли": true, "може": true, "можуть": true, "якщо": true, "veut": true, "veulent": true, "pourrait": true, "pourraient": true,
	"quiere": true, "quieren": true, "podria": true, "podrian": true, "vuole": true, "vogliono": true, "potrebbe": true, "potrebbero": true, "chce": true, "chca": true, "jesli": true,
}

// onlyFeared reports whether all that a sentence tells of harm is what may come: "fears that Moscow will kill him", "if Moscow
// kills him". "Could have been killed" is a doubt about what was.
func (c *Classifier) onlyFeared(s *sentence, harm []concept) bool {
	t := s.part
	some := false
	for _, h := range s.hits {
		if !means(h) || !slices.Contains(harm, h.ID) {
			continue
		}
		feared := false
		for k := h.First - 1; k >= t.Sentences[s.index].First && h.First-k <= negationReach && !feared; k-- {
			feared = wouldBe[t.Folded(k)] && !t.Is(k+1, "have")
		}
		if !feared {
			return false
		}
		some = true
	}
	return some
}

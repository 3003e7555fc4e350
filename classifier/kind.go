package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// lookBack is how many points make a look back of a story.
const lookBack = 2

// kind reads what a story does with its event. An opinion says so in the address, beside the title or in the byline. A
// look back gathers points: a word for an anniversary in the title is enough, years that have gone by, a title that
// explains, old dates, archives and wars are signs, and a day just past speaks against it. A follow-up says in its
// title that courts or inquiries are at work on something told before: the arrest or the trial of a spy is an event of
// its own, and so is a death that the title tells.
func (c *Classifier) kind(d *document, a *story.Article, labels []story.Label) story.Kind {
	if inSection(a, opinionSections) || c.signed(a, c.cue.opinion) || c.tagged(d, c.cue.opinion) {
		return story.KindOpinion
	}
	if c.looksBack(d, a) >= lookBack {
		return story.KindBackground
	}
	if c.follows(d, labels) {
		return story.KindFollowup
	}
	return story.KindEvent
}

func (c *Classifier) looksBack(d *document, a *story.Article) (points int) {
	q, words := &c.cue, c.past[d.lang]
	if inSection(a, backgroundSections) {
		points += 2
	}
	fresh, gonePast := false, false
	var title set
	says := 0 // of the points, those of the title
	for i := range d.sentences[:d.lead] {
		s := &d.sentences[i]
		fresh = fresh || c.fresh(d, words, s)
		gone, opens := yearsGone(words, s)
		if s.part.field != story.FieldTitle {
			if gone && !gonePast || c.commemorates(words, s) {
				points++
			}
			gonePast = gonePast || gone
			continue
		}
		title.join(&s.concepts)
		first := s.part.Sentences[s.index].First
		switch {
		case opens || c.commemorates(words, s):
			says += 3
		case gone, words[s.part.Folded(first)]&question != 0:
			says += 2
		}
	}
	switch {
	case c.tagged(d, q.explainer):
		says += 2
	case title.has(q.explainer):
		says++
	}
	if says == 0 && points > 0 && one(&title, q.trial, q.convict, q.charge, q.extradite, q.ruled, q.arrest) {
		points-- // a court at work is today's
	}
	points += says + min(c.wordsFor(d, q.history), 2) + min(c.wordsFor(d, q.worldWar), 2)
	if fresh {
		return points - 1
	}
	if d.onlyOld() {
		points++
	}
	return points
}

// stemLength is how many letters of two words must be the same for them to be forms of one.
const stemLength = 4

// wordsFor is by how many different words title and lead name a concept: who is a historian is so in every sentence.
func (c *Classifier) wordsFor(d *document, id concept) int {
	seen := make(map[string]bool)
	for i := range d.sentences[:d.lead] {
		s := &d.sentences[i]
		if !s.concepts.has(id) {
			continue
		}
		for _, h := range s.hits {
			if means(h) && h.ID == id {
				word := []rune(s.part.Folded(h.First))
				seen[string(word[:min(len(word), stemLength)])] = true
			}
		}
	}
	return len(seen)
}

// commemorates reports whether a sentence has a word for an anniversary that is no mere count of years.
func (c *Classifier) commemorates(words map[string]role, s *sentence) bool {
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		if !means(h) || h.ID != c.cue.anniversary {
			return false
		}
		for k := h.First; k < h.Last; k++ {
			if words[s.part.Folded(k)]&years != 0 {
				return false
			}
		}
		return true
	})
}

func one(in *set, of ...concept) bool { return slices.ContainsFunc(of, in.has) }

func (c *Classifier) follows(d *document, labels []story.Label) bool {
	q := &c.cue
	var says set
	for i := range d.sentences[:d.lead] {
		if s := &d.sentences[i]; s.part.field == story.FieldTitle || len(d.parts[0].Tokens) == 0 {
			says.join(&s.concepts)
		}
	}
	if !says.has(q.followup) {
		return false
	}
	court := one(&says, q.trial, q.convict, q.charge, q.extradite, q.ruled)
	if slices.ContainsFunc(labels, func(l story.Label) bool { return l.Category == "defector_death" }) {
		return court || !one(&says, q.die, q.unexplained, q.fall, q.drown, q.hang)
	}
	return len(labels) == 0 || !court && !one(&says, q.arrest)
}

package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// after reads a sentence that names no victim as one about the death told of before it: who is accused of it, what an
// official says it was. "Moscow stands behind it, said the prosecutor." Only the next sentence may leave out what it is
// about; later ones tell of the harm again.
func (c *Classifier) after(d *document, i, since int, names []name) (story.Event, bool) {
	s, q := &d.sentences[i], &c.cue
	// An attempt, since a death told before stays one.
	e := story.Event{Type: "attempt", Manner: "unknown", Outcome: "unknown", Certainty: "unexplained"}
	if !s.says(accuses, suspects, did, doneBy, doubts, official) {
		return e, false
	}
	harm := anyOf(&s.concepts, q.harm)
	if s.part.field == story.FieldTitle || !harm && (since > 2 || s.concepts.has(q.spying)) {
		return e, false
	}
	if s.says(accuses, suspects, did, doneBy) {
		c.attribute(d, s, &e, names, name{}, false)
	}
	var words []match.Hit
	if len(e.Roles.Actor) > 0 {
		for _, h := range s.frames {
			if h.ID <= doneBy {
				words = append(words, h)
			}
		}
	}
	if sure := c.suspicion(s); since <= 2 && sure != nil && certain(e.Certainty) < certain("suspected") {
		e.Certainty, e.Manner = "suspected", c.manner(&s.concepts)
		words = append(words, sure...)
	}
	if since <= 2 && s.says(official) && (s.concepts.has(q.suicide) || s.concepts.has(q.natural)) && !c.inDoubt(s, q.suicide, q.natural) {
		e.Certainty = "officially_natural"
		for _, h := range s.hits {
			if means(h) && (h.ID == q.suicide || h.ID == q.natural) {
				words = append(words, h)
			}
		}
	}
	for _, h := range words[:min(len(words), maxSpans)] {
		e.Evidence = append(e.Evidence, s.part.span(h.First, h.Last))
	}
	return e, len(words) > 0
}

// suspicion are the words of a sentence that suspects a crime: "the Guardia Civil does not rule out a homicide".
func (c *Classifier) suspicion(s *sentence) []match.Hit {
	for _, f := range s.frames {
		if f.ID != doubts && f.ID != suspects {
			continue
		}
		for _, h := range s.hits {
			if means(h) && slices.Contains(c.cue.harm, h.ID) && max(h.First-f.Last, f.First-h.Last) <= aboutHarm {
				return []match.Hit{f, h}
			}
		}
	}
	return nil
}

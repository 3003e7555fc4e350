package classifier

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// set is a set of concepts.
type set [maxConcepts / 64]uint64

func (s *set) add(c concept)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c concept) bool { return s[c>>6]&(1<<(c&63)) != 0 }
func (s *set) meets(o *set) bool  { return s[0]&o[0]|s[1]&o[1] != 0 }
func (s *set) join(o *set)        { s[0] |= o[0]; s[1] |= o[1] }

// scope is how near to each other the concepts of a condition must stand.
type scope int

const (
	inSentence   scope = iota
	inNeighbours       // this sentence or the next; the title is the neighbour of the first
	inLead             // anywhere in title and lead
)

// scopes are the keys of a category file that hold conditions with their weights.
var scopes = map[string]scope{"sentence": inSentence, "neighbours": inNeighbours, "lead": inLead}

// condition holds where all its groups are met and none of its bans is: "SPY|SPYING + ARREST - FICTION".
type condition struct {
	source string
	groups []set
	bans   set
	scope  scope
}

// holds is how much the condition counts in the document, 0 if nowhere, and the sentences where it holds: they stay as long as
// the document.
func (c *condition) holds(d *document) (place int, at []int) {
	for i := range c.groups {
		if !c.groups[i].meets(&d.all) {
			return 0, nil
		}
	}
	from := len(d.at)
	if c.scope == inLead {
		if c.met(&d.opening) {
			d.at = append(d.at, 0)
			return fullPlace, d.at[from:]
		}
		return 0, nil
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		here := &s.concepts
		if c.scope == inNeighbours {
			here = &s.around
		}
		if c.met(here) {
			place = max(place, s.place)
			d.at = append(d.at, i)
		}
	}
	at = d.at[from:]
	if place == bodyPlace && dense(len(at), len(d.sentences)) {
		place = densePlace
	}
	return place, at
}

func (c *condition) met(here *set) bool {
	for i := range c.groups {
		if !c.groups[i].meets(here) {
			return false
		}
	}
	return !c.bans.meets(here)
}

// quote appends the words that met the condition at a sentence, each once.
func (c *condition) quote(d *document, at int, spans []story.Span) []story.Span {
	last := at
	switch {
	case c.scope == inLead:
		last = d.lead - 1
	case c.scope == inNeighbours && at+1 < len(d.sentences):
		last++
	}
	var wanted set
	for i := range c.groups {
		wanted.join(&c.groups[i])
	}
	for i := at; i <= last; i++ {
		s := &d.sentences[i]
		for _, h := range s.hits {
			if len(spans) >= maxEvidence {
				return spans
			}
			if means(h) && wanted.has(h.ID) {
				if span := s.part.span(h.First, h.Last); !slices.Contains(spans, span) {
					spans = append(spans, span)
				}
			}
		}
	}
	return spans
}

package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// doubt is what a sentence holds unsure of a death: from the phrase of doubt to the word for what is in doubt.
func (c *Classifier) doubt(s *sentence, ids []concept) []story.Span {
	if !s.says(doubts) {
		return nil
	}
	q := &c.cue
	ids = append(slices.Clone(ids), q.natural, q.illness, q.crash, q.explode)
	var all []story.Span
	for _, f := range s.frames {
		if f.ID != doubts {
			continue
		}
		first, last := f.First, f.Last
		for _, h := range s.hits {
			if means(h) && slices.Contains(ids, h.ID) && max(h.First-f.Last, f.First-h.Last) <= aboutHarm {
				first, last = min(first, h.First), max(last, h.Last)
			}
		}
		if last-first == f.Last-f.First {
			continue
		}
		if n := len(all); n > 0 && all[n-1].End >= s.part.Tokens[first].Start {
			continue
		}
		all = append(all, s.part.span(first, last))
	}
	return all
}

// inDoubt reports whether a sentence is unsure of all that it says by certain concepts: a word of doubt stands near each, or
// it is a question.
func (c *Classifier) inDoubt(s *sentence, ids ...concept) bool {
	t := s.part
	after := t.Between(t.Sentences[s.index].Last - 1)
	if strings.ContainsAny(after[:min(len(after), 4)], "?？") {
		return true
	}
	some := false
	for _, h := range s.hits {
		if !means(h) || !slices.Contains(ids, h.ID) {
			continue
		}
		if !slices.ContainsFunc(s.frames, func(f match.Hit) bool { return f.ID == doubts && max(f.First-h.Last, h.First-f.Last) <= aboutHarm }) {
			return false
		}
		some = true
	}
	return some
}

// doubted is what a sentence that names nobody holds unsure: of several deaths, or of that of whom the text spoke last.
type doubted struct {
	spans   []story.Span
	several bool
	of      string
}

// about reports whether it is about an event: who speaks of several means the unexplained ones.
func (o doubted) about(e story.Event) bool {
	if o.several {
		return e.Certainty == "unexplained"
	}
	return certain(e.Certainty) < certain("confirmed_killing") && (o.of == victim(e) && o.of != "" || o.of == "" && len(e.Roles.Victim) == 0)
}

// several reports whether a sentence speaks of several people or cases.
func (c *Classifier) several(d *document, s *sentence) bool {
	t := s.part
	for k := t.Sentences[s.index].First; k < t.Sentences[s.index].Last; k++ {
		if c.is(d, t, k, "some") {
			return true
		}
	}
	return false
}

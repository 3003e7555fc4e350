package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// Highlight is where the words of clauses stand in a text of a language, in order and without overlaps. It is found
// with the terms that the index was made of, so that what made a story a hit is marked, in the form it has there.
func Highlight(clauses []Clause, lang, text string) []Span {
	var all []token
	found := []Span{}
	for _, c := range clauses {
		if c.Not || c.Keys {
			continue
		}
		if all == nil {
			all = tokens(lang, text)
		}
		for _, s := range c.Any {
			for i := 0; i+len(s.Terms) <= len(all); i++ {
				if end, ok := s.at(all[i:]); ok {
					found = append(found, Span{all[i].Start, end})
				}
			}
		}
	}
	return merged(found)
}

// at reports whether the sequence begins the tokens, and the byte it ends at.
func (s Sequence) at(all []token) (end int, ok bool) {
	last := len(s.Terms) - 1
	for i, term := range s.Terms {
		if t := all[i].term; t != term && !(s.Prefix && i == last && strings.HasPrefix(t, term)) {
			return 0, false
		}
	}
	if n := last + 1; s.Prefix && all[last].kind == pairOf && all[last].term != s.Terms[last] {
		return all[n].Start, true // the first of the two; the second begins the next
	}
	return all[last].End, true
}

// Phrase reports whether only the order of words decides on a clause: an index without positions cannot.
func (c Clause) Phrase() bool {
	return !c.Keys && slices.ContainsFunc(c.Any, func(s Sequence) bool { return len(s.Terms) > 1 })
}

// HasPhrase reports whether one of the clauses is a Phrase.
func HasPhrase(clauses []Clause) bool { return slices.ContainsFunc(clauses, Clause.Phrase) }

// Agrees reports whether a story is as its phrases ask; what else clauses have is not looked at.
func Agrees(clauses []Clause, s story.Story) bool {
	var a analyzer
	for _, c := range clauses {
		if c.Phrase() && (c.stands(&a, s.Lang, s.Title) || c.stands(&a, s.Lang, s.Text)) == c.Not {
			return false
		}
	}
	return true
}

// stands reports whether one of the sequences stands in a text. It keeps no token: of each sequence it knows how many of its terms
// may just have been read, a bit for every number (the Shift-And algorithm of Baeza-Yates and Gonnet).
func (c Clause) stands(a *analyzer, lang, text string) (found bool) {
	read := make([]uint64, len(c.Any))
	for _, s := range c.Any {
		if len(s.Terms) > 64 {
			return len(Highlight([]Clause{{Any: c.Any}}, lang, text)) > 0
		}
	}
	a.each(lang, text, func(term []byte, _ Span, _ kind) {
		for n, s := range c.Any {
			var fits uint64
			last := len(s.Terms) - 1
			for i, t := range s.Terms {
				if string(term) == t || s.Prefix && i == last && strings.HasPrefix(string(term), t) {
					fits |= 1 << i
				}
			}
			read[n] = (read[n]<<1 | 1) & fits
			found = found || read[n]>>last&1 == 1
		}
	})
	return found
}

// merged joins spans that overlap.
func merged(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Mark completes a hit with where the words stand in it.
func (h *Hit) Mark(clauses []Clause) {
	h.Title = Highlight(clauses, h.Story.Lang, h.Story.Title)
	h.Text = Highlight(clauses, h.Story.Lang, h.Story.Text)
}

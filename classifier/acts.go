package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// particulars adds to an act of a court or a state who did it, how many it befell, when, and what a court gave.
func (c *Classifier) particulars(d *document, s *sentence, e *story.Event, names []name, acts []concept) {
	anchor := slices.IndexFunc(s.hits, func(h match.Hit) bool { return means(h) && slices.Contains(acts, h.ID) })
	if anchor < 0 {
		anchor = slices.IndexFunc(s.hits, func(h match.Hit) bool { return means(h) && h.ID == c.cue.trial })
	}
	if anchor < 0 {
		return
	}
	at := s.hits[anchor]
	t := s.part
	e.Date = c.when(d, s, at.First)
	all := c.parties(d, s, names)
	if i := c.authority(d, s, all, e.Type, at); i >= 0 {
		e.Roles.Actor = []story.Mention{all[i].mention(t)}
	}
	if n, first, last := c.counted(d, s, at); n > 0 {
		e.Number = n
		span := t.span(first, last)
		e.Evidence = append(e.Evidence, span)
		if len(e.Roles.Target) == 0 {
			e.Roles.Target = []story.Mention{{Name: span.Quote, Canonical: span.Quote, Spans: []story.Span{span}}}
		}
	}
	if e.Type == "trial" && s.concepts.has(c.cue.convict) {
		if first, last := c.given(d, s, at); last > 0 {
			span := t.span(first, last)
			e.Sentence = span.Quote
			e.Evidence = append(e.Evidence, span)
		}
	}
}

// complete gives an act what it lacks from another telling of it.
func complete(o *story.Event, e story.Event) {
	if len(o.Roles.Target) == 0 {
		o.Roles.Target = e.Roles.Target
	}
	if o.Number == 0 {
		o.Number = e.Number
	}
	if o.Sentence == "" {
		o.Sentence = e.Sentence
	}
	e.Manner = o.Manner
	fill(o, e)
}

// authority is who arrests, expels or tries: the first party before the act that can, one that a passive names, or the one
// right behind the verb.
func (c *Classifier) authority(d *document, s *sentence, all []party, kind string, at match.Hit) int {
	can := func(p party) bool {
		spy := slices.ContainsFunc(s.hits, func(h match.Hit) bool {
			return means(h) && (h.ID == c.cue.spy || h.ID == c.cue.formerSpy || h.ID == c.cue.diplomat) && h.First <= p.last+1 && p.first <= h.Last ||
				verbLast[d.lang] && means(h) && h.ID == c.cue.spying && h.First >= p.last && h.First-p.last <= 2 // "Mossad adına casusluk"
		})
		switch {
		case p.site || p.person || spy:
			return false
		case kind == "trial":
			return p.court
		case kind == "arrest":
			return p.official || p.service
		}
		return p.state || p.official
	}
	for i, p := range all {
		if p.last <= at.First && can(p) {
			return i
		}
	}
	for i, p := range all {
		if p.first >= at.Last && can(p) && (p.first == at.Last || p.first-at.Last <= reach && p.first > 0 && (c.is(d, s.part, p.first-1, "by") || p.first > 1 && c.is(d, s.part, p.first-2, "by"))) {
			return i
		}
	}
	if kind == "trial" {
		return slices.IndexFunc(all, can)
	}
	return -1
}

// counted is the number of those an act befalls and the tokens that say so: "four Russian diplomats".
func (c *Classifier) counted(d *document, s *sentence, at match.Hit) (n, first, last int) {
	t := s.part
	in := t.Sentences[s.index]
	nearest := 0
	for k := max(in.First, at.First-2*reach); k < min(in.Last, at.Last+2*reach); k++ {
		number := c.number(d, t, k)
		if number == 0 || k+1 >= in.Last {
			continue
		}
		end := 0
		near := func(h match.Hit, person bool) {
			if person && h.First > k && h.First-k <= 3 && c.past[d.lang][t.Folded(k+1)]&years == 0 {
				end = max(end, h.Last)
			}
		}
		for _, h := range s.frames {
			near(h, h.ID == head)
		}
		for _, h := range s.hits {
			near(h, means(h) && (h.ID == c.cue.diplomat || h.ID == c.cue.spy))
		}
		if far := max(k-at.Last, at.First-k); end > 0 && (n == 0 || far < nearest) {
			n, first, last, nearest = number, k, end, far
		}
	}
	return n, first, last
}

// given is what a court gave: a number of years, or life. The first behind the verdict counts, before one that stands ahead of
// it: years of spying and ages do so, too.
func (c *Classifier) given(d *document, s *sentence, at match.Hit) (first, last int) {
	t := s.part
	in := t.Sentences[s.index]
	for k := in.First + 1; k < in.Last; k++ {
		if c.past[d.lang][t.Folded(k)]&years == 0 || c.number(d, t, k-1) == 0 || k+1 < in.Last && c.is(d, t, k+1, "old") {
			continue
		}
		if first, last = k-1, k+1; k > at.Last {
			break
		}
	}
	if last > 0 {
		return first, last
	}
	for _, h := range s.frames {
		if h.ID == forLife {
			return h.First, h.Last
		}
	}
	return 0, 0
}

package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
)

// bystander reports whether a name near a word of violence is not who suffered it: who speaks of it or looks into it, whom a court
// or the police has for it, or whoever stands before a deed that was told before, "called it a murder". A name that begins with a
// preposition or with a phrase that credits is none.
func (c *Classifier) bystander(d *document, s *sentence, n name, h match.Hit) bool {
	t := s.part
	in := t.Sentences[s.index]
	tells := func(k int) bool { return k >= in.First && k < in.Last && c.is(d, t, k, "tells") }
	switch {
	case tells(n.last) && !comma(t, n.last-1, n.last), tells(n.last+1) && !comma(t, n.last-1, n.last+1), tells(n.first-1) && !comma(t, n.first-1, n.first):
		return true
	case n.first == in.First && c.is(d, t, n.first, "where"):
		return true
	case slices.ContainsFunc(s.hits, func(o match.Hit) bool { return o.Layer == layerCredit && o.First == n.first && c.credits[o.ID].before }):
		return true
	case n.last <= h.First && h.First > in.First && (h.ID == c.cue.murder || h.ID == c.cue.kill) && c.is(d, t, h.First-1, "article"):
		return true
	}
	return slices.ContainsFunc(s.hits, func(o match.Hit) bool { return c.held(s, n, o, h) })
}

// held reports whether somebody is in the hands of the law for a deed: "X was arrested for the killing", "a court convicted X of
// murder", but not "X, who was arrested in May, was killed".
func (c *Classifier) held(s *sentence, n name, law, deed match.Hit) bool {
	q := &c.cue
	if !means(law) || !slices.Contains([]concept{q.arrest, q.convict, q.trial, q.charge, q.extradite}, law.ID) || law.Last > deed.First ||
		!slices.Contains([]concept{q.murder, q.kill, q.poison, q.shoot, q.stab, q.attempt, q.plot, q.hitTeam}, deed.ID) {
		return false
	}
	t := s.part
	between := func(from, to int) string { return t.Raw[t.Tokens[from].End:t.Tokens[to].Start] }
	const clause = ",;:()"
	switch {
	case n.last <= law.First:
		return law.First-n.last <= reach && !strings.ContainsAny(between(law.Last-1, deed.First), clause)
	case law.Last <= n.first && n.last <= deed.First:
		return n.first-law.Last <= reach && !strings.ContainsAny(between(n.last-1, deed.First), clause)
	}
	return false
}

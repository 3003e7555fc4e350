package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// governments are the nouns that make a country's adjective somebody who acts: "Russian government", folded.
var governments = map[string]bool{
	"government": true, "state": true, "regime": true, "authorities": true, "officials": true, "intelligence": true, "agents": true, "agent": true, "officers": true,
	"officer": true, "operatives": true, "spies": true, "secret": true, "military": true, "services": true, "service": true, "consulate": true, "embassy": true,
	"спецслужбы": true, "спецслужб": true, "спецслужбам": true, "разведка": true, "разведки": true, "власти": true, "властей": true, "агенты": true, "агентов": true,
	"спецслужбами": true, "розвідки": true, "влада": true, "geheimdienst": true, "geheimdienste": true, "staat": true, "regierung": true, "staatsmacht": true,
	"services secrets": true, "regimen": true, "gobierno": true, "governo": true, "servizi": true, "wladze": true, "sluzby": true, "hukumeti": true, "istihbarati": true,
}

// behind begin the phrases that make whoever stands before them the one who did it, folded: "was behind".
var behind = map[string]bool{
	"responsible": true, "was": true, "were": true, "behind": true, "стоит": true, "стоят": true, "стояли": true, "причастны": true, "причастен": true,
	"steckt": true, "stecken": true, "verantwortlich": true,
}

// titles are capitalised words that are no name by themselves, folded.
var titles = map[string]bool{
	"president": true, "general": true, "government": true, "crown": true, "minister": true, "prime": true, "foreign": true, "office": true, "prosecutor": true,
	"court": true, "police": true, "der": true, "die": true, "das": true, "the": true, "king": true, "prince": true, "judge": true, "doctors": true, "state": true,
	"президент": true, "генерал": true, "прокуратура": true, "суд": true, "министр": true,
}

// powers are the phrases of a sentence in which a country acts: its adjective with a word for the state or a service
// behind it, and services by name that are not a former spy's own.
func (c *Classifier) powers(s *sentence) []name {
	var all []name
	t := s.part
	last := t.Sentences[s.index].Last
	for _, h := range s.hits {
		switch {
		case means(h) && h.ID == c.cue.homeland && h.Last < last && joins(t, h.Last-1) && governments[t.Folded(h.Last)]:
			end := h.Last + 1
			for end < last && joins(t, end-1) && governments[t.Folded(end)] {
				end++
			}
			all = append(all, name{first: h.First, last: end})
		case h.Layer == layerAgency && !slices.ContainsFunc(s.hits, func(o match.Hit) bool {
			return means(o) && (o.ID == c.cue.formerSpy || o.ID == c.cue.spy) && o.First <= h.Last && h.First <= o.Last
		}):
			all = append(all, name{first: h.First, last: h.Last, canonical: c.agencies[h.ID].canonical})
		}
	}
	return all
}

// actors are who did it according to a sentence, and accusers who says so. Whoever is charged, extradited or
// convicted is an actor, and so is the power behind an accusing word; one before it accuses.
func (c *Classifier) actors(s *sentence, names []name, victim name) (actors, accusers []story.Mention) {
	q := &c.cue
	t := s.part
	add := func(to *[]story.Mention, n name) {
		span := t.span(n.first, n.last)
		m := story.Mention{Name: span.Quote, Canonical: n.canonical, Spans: []story.Span{span}}
		if m.Canonical == "" {
			m.Canonical = m.Name
		}
		if len(*to) < 4 && !slices.ContainsFunc(*to, func(o story.Mention) bool { return o.Canonical == m.Canonical }) {
			*to = append(*to, m)
		}
	}
	accuses := func(n name) bool {
		for _, h := range s.hits {
			if means(h) && (h.ID == q.alleged || h.ID == q.blamed) && h.First >= n.last && h.First-n.last <= 2 && !behind[t.Folded(h.First)] {
				return true
			}
		}
		return false
	}
	for _, p := range c.powers(s) {
		switch {
		case accuses(p):
			add(&accusers, p)
		case !c.describes(s, p, victim):
			add(&actors, p)
		}
	}
	for _, h := range s.hits {
		if !means(h) || h.ID != q.extradite && h.ID != q.charge && h.ID != q.convict && h.ID != q.arrest {
			continue
		}
		best, cost := name{}, 8
		for _, n := range names {
			if n == victim || n.known || n.canonical == victim.canonical || titles[t.Folded(n.first)] || n.last-n.first == 1 && !n.longer {
				continue
			}
			d := max(n.first-h.Last, h.First-n.last)
			if d >= 0 && d < cost {
				best, cost = n, d
			}
		}
		if cost < 8 {
			add(&actors, best)
		}
	}
	return actors, accusers
}

// describes reports whether a power is part of what the victim is called, as in "the Russian military pilot X": it
// stands a few words before the name, in the same clause, and nothing is done in between.
func (c *Classifier) describes(s *sentence, power, victim name) bool {
	q := &c.cue
	if victim.first < power.last || victim.first-power.last > 4 || power.last <= 0 {
		return false
	}
	t := s.part
	if strings.ContainsAny(t.Raw[t.Tokens[power.last-1].End:t.Tokens[victim.first].Start], ",;:()") {
		return false
	}
	return !slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		return means(h) && h.First >= power.last && h.Last <= victim.first &&
			slices.Contains([]concept{q.murder, q.kill, q.poison, q.toxin, q.shoot, q.attempt, q.plot, q.hitTeam, q.stab, q.strangle, q.hang, q.drown}, h.ID)
	})
}

package classifier

import (
	"slices"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// death reads a sentence as a death, an attempt or a plot, if it speaks of one: who, how, where, by whom, and
// how sure it is.
func (c *Classifier) death(d *document, i int, names []name) (story.Event, bool) {
	s, q := &d.sentences[i], &c.cue
	harm := []concept{q.murder, q.kill, q.poison, q.toxin, q.shoot, q.attempt, q.plot, q.hitTeam}
	dying := []concept{q.die, q.fall, q.hang, q.drown, q.stab, q.strangle, q.unexplained, q.suicide}
	if !anyOf(&s.concepts, harm) && !anyOf(&s.concepts, dying) {
		return story.Event{}, false
	}
	if !s.concepts.has(q.plot) && !s.concepts.has(q.attempt) && c.onlyFeared(d, s, append(harm, dying...)) {
		return story.Event{}, false
	}
	e := story.Event{Certainty: c.certainty(s), Manner: c.manner(&s.concepts)}
	who, found := c.sufferer(d, s, names, append(harm, dying...))
	if found {
		e.Roles.Victim = []story.Mention{who.mention(s.part)}
	} else if !anyOf(&s.concepts, q.people) {
		return e, false
	}
	dead := s.concepts.has(q.die) || s.concepts.has(q.kill) || s.concepts.has(q.murder) || s.concepts.has(q.shoot)
	switch {
	case s.concepts.has(q.plot) && !s.concepts.has(q.die):
		e.Type, e.Outcome = "plot", "plot_foiled"
	case s.concepts.has(q.attempt) && !s.concepts.has(q.die), !dead && anyOf(&s.concepts, harm), s.concepts.has(q.survive) && !s.concepts.has(q.die):
		e.Type, e.Outcome = "attempt", "unknown"
		if s.concepts.has(q.survive) || s.concepts.has(q.attempt) { // who speaks of an attempt on a life says that it failed
			e.Outcome = "survived"
		}
	default:
		e.Type, e.Outcome = "death", "died"
	}
	if e.Type == "death" && !dead && stabs[d.lang] && s.concepts.has(q.stab) && !d.all.has(q.die) && !d.all.has(q.kill) && !d.all.has(q.murder) {
		e.Type, e.Outcome = "attempt", "unknown" // nobody says that it was deadly
	}
	anchor := -1
	for _, h := range s.hits {
		if means(h) && (slices.Contains(harm, h.ID) || slices.Contains(dying, h.ID)) && len(e.Evidence) < maxSpans {
			if span := s.part.span(h.First, h.Last); !slices.Contains(e.Evidence, span) {
				e.Evidence = append(e.Evidence, span)
			}
			if anchor < 0 {
				anchor = h.First
			}
		}
	}
	e.Roles.Place, e.Roles.Agency, e.Date = c.around(d, i, anchor), c.services(s), c.when(d, s, anchor)
	if e.Certainty == "unexplained" && c.suspicion(s) != nil {
		e.Certainty = "suspected"
	}
	c.attribute(d, s, &e, names, who, anyOf(&s.concepts, harm) || s.concepts.has(q.extradite))
	e.Doubt = c.doubt(s, append(harm, dying...))
	return e, true
}

// stabs are the languages whose word for it does not say that somebody died: German "erstochen" does.
var stabs = map[string]bool{"en": true, "fr": true, "es": true, "it": true, "pt": true}

func anyOf(s *set, ids []concept) bool {
	return slices.ContainsFunc(ids, func(id concept) bool { return s.has(id) })
}

// of are the words that tie the victim to the noun before it: "the murder of X", "Mord an X", "убийство X".
var of = map[string]bool{"of": true, "on": true, "against": true, "de": true, "del": true, "du": true, "d": true, "an": true, "am": true, "von": true, "auf": true, "di": true, "a": true, "contra": true, "contre": true, "на": true, "kill": true, "assassinate": true, "murder": true}

// sufferer picks the name the trigger words are about: the one behind "murder of", else the nearest before the
// trigger, else the nearest behind it. A known case's name is always taken first.
func (c *Classifier) sufferer(d *document, s *sentence, names []name, triggers []concept) (name, bool) {
	best, cost := name{}, 1<<30
	t := s.part
	for _, h := range s.hits {
		if !means(h) || !slices.Contains(triggers, h.ID) {
			continue
		}
		for _, n := range names {
			far, bound := 0, false
			switch {
			case n.first >= h.Last:
				far = 6 + 2*(n.first-h.Last)
				if n.first == h.Last || of[t.Folded(h.Last)] {
					far, bound = n.first-h.Last, n.first-h.Last == 1
				}
			case n.last <= h.First:
				far = 2 + (h.First - n.last)
			}
			if n.known {
				far -= 100
			} else if !near(s, n, c.cue.people) && (far > 10 || !n.longer) {
				continue // nobody says who this is, and it may be an adjective or stand by chance
			}
			if n.last-n.first == 1 && !n.longer && !bound {
				far += 12
			}
			if far < cost && far < 36 && (n.known || !c.bystander(d, s, n, h)) {
				best, cost = n, far
			}
		}
	}
	return best, cost < 1<<30
}

// near reports whether one of the concepts stands within a few words of a name.
func near(s *sentence, n name, ids []concept) bool {
	for _, h := range s.hits {
		if means(h) && h.First < n.last+4 && n.first < h.Last+4 && slices.Contains(ids, h.ID) {
			return true
		}
	}
	return false
}

// in are the words before a place where something happened, folded, over all languages.
var in = map[string]bool{"in": true, "at": true, "near": true, "outside": true, "в": true, "во": true, "у": true, "під": true, "под": true, "en": true, "à": true, "dans": true, "im": true, "nahe": true, "bei": true, "w": true, "we": true, "nel": true, "nella": true, "aux": true, "au": true, "във": true, "في": true, "cerca": true, "在": true}

// wars are the words that make the place behind them that of a war, and not of this death, folded: "the war in Ukraine".
var wars = map[string]bool{
	"war": true, "guerra": true, "guerre": true, "krieg": true, "krieges": true, "krieg's": true, "wojna": true, "wojny": true, "wojne": true, "война": true, "войны": true,
	"войну": true, "войне": true, "войной": true, "війна": true, "війни": true, "війну": true, "oorlog": true, "razboi": true, "razboiul": true, "valka": true, "valky": true, "rat": true, "rata": true,
}

// where is the place of a sentence's event: one that a preposition announces, cities before countries, the
// nearest to the trigger; a city needs no preposition.
func (c *Classifier) where(s *sentence, anchor int) []story.Mention {
	var best *match.Hit
	cost := 1 << 30
	for k := range s.hits {
		h := &s.hits[k]
		if h.Layer != layerPlace {
			continue
		}
		if s.speaks(h) {
			continue
		}
		p := c.placeOf(h.ID)
		announced, war := false, false
		for back := 1; back <= 4 && h.First-back >= s.part.Sentences[s.index].First; back++ {
			announced = announced || in[s.part.Folded(h.First-back)]
			war = war || wars[s.part.Folded(h.First-back)]
		}
		if war {
			continue
		}
		if p.kind == "alias" || p.kind != "city" && !announced {
			continue
		}
		d := 40
		if anchor >= 0 {
			d = max(anchor-h.First, h.First-anchor)
		}
		if p.kind != "city" {
			d += 20
		}
		if !announced {
			d += 30
		}
		if d < cost {
			best, cost = h, d
		}
	}
	if best == nil {
		return nil
	}
	return []story.Mention{c.mention(s, *best)}
}

// speaks reports whether a place stands for a state: it accuses or denies, or is part of "the Iranian regime".
func (s *sentence) speaks(h *match.Hit) bool {
	return slices.ContainsFunc(s.frames, func(f match.Hit) bool {
		return (f.ID == accuses || f.ID == denies) && f.First == h.Last || f.ID == power && (f.Last == h.First || f.First == h.Last)
	})
}

// around is the place of a sentence's event; where the sentence names none, that of its neighbours, then of title and
// lead.
func (c *Classifier) around(d *document, i, anchor int) []story.Mention {
	if place := c.where(&d.sentences[i], anchor); place != nil {
		return place
	}
	order := []int{i + 1, i - 1}
	for k := range d.lead {
		order = append(order, k)
	}
	for _, k := range order {
		if k >= 0 && k < len(d.sentences) && (k < d.lead) == (i < d.lead) {
			if place := c.where(&d.sentences[k], -1); place != nil {
				return place
			}
		}
	}
	return nil
}

// services are the agencies of a sentence, each once.
func (c *Classifier) services(s *sentence) []story.Mention {
	var all []story.Mention
	for _, h := range s.hits {
		if h.Layer != layerAgency {
			continue
		}
		a, span := c.agencies[h.ID], s.part.span(h.First, h.Last)
		if !slices.ContainsFunc(all, func(m story.Mention) bool { return m.Canonical == a.canonical }) {
			all = append(all, story.Mention{Name: span.Quote, Canonical: a.canonical, ID: a.id, Country: a.country, Spans: []story.Span{span}})
		}
	}
	return all
}

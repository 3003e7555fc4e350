package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// party is somebody in a sentence who may do something, or say that another did: a run of words such as "Bulgarian
// prosecutors", "the Russian military intelligence", "Tehran" or a name.
type party struct {
	first, last int
	m           story.Mention // without spans
	state       bool          // a country, or a city that may stand for one
	service     bool          // a service by name
	power       bool          // agents, a regime, a service without a name
	official    bool          // speaks for a state
	court       bool
	people      bool // speaks for the dead, or knows
	person      bool // a name
	bare        bool // a name of one word, and the text has no longer form of it
	site        bool // where it happened
	city        bool // of a country whose services do not work abroad
	held        bool // of somebody: "a former officer of the GRU"
}

// acts reports whether a party can be behind a killing; one who only speaks for a state, decides or mourns is not.
func (p *party) acts() bool {
	return p.service || p.power || p.person || p.state && !p.official && !p.court
}

// grade is how sure it is that somebody did it, because of who says so.
func (p *party) grade(convicted bool) string {
	switch {
	case p.court && convicted:
		return "court_established"
	case p.people || p.person && !p.official:
		return "alleged"
	}
	return "officially_attributed"
}

// parties are those of a sentence in the order of the text. Words that a list knows and that stand side by side are one
// party; a name that no list knows is another. They hold until the next sentence is asked for.
func (c *Classifier) parties(d *document, s *sentence, names []name) []party {
	t := s.part
	from, to := t.Sentences[s.index].First, t.Sentences[s.index].Last
	const (
		place = 1 << iota
		land  // the adjective of a country, or its name, whose services work abroad
		agency
		noun
		kin    // of the dead: what stands behind them is another party, "ailesi İran istihbaratını"
		glued  // to the next token, by a hit that holds both
		poison // "nerve agent"
		kind   = place | land | agency | noun | kin
	)
	marks := d.marked(to - from)
	mark := func(first, last int, bits uint8) {
		for k := first; k < last; k++ {
			marks[k-from].bits |= bits
			if k+1 < last {
				marks[k-from].bits |= glued
			}
		}
	}
	is := func(k int, bits uint8) bool { return marks[k-from].bits&bits != 0 }
	for _, h := range s.hits {
		switch {
		case means(h) && (h.ID == c.cue.toxin || h.ID == c.cue.poison):
			for k := h.First; k < h.Last; k++ {
				marks[k-from].bits |= poison
			}
		case h.Layer == layerPlace:
			mark(h.First, h.Last, place)
			for k, country := h.First, c.placeOf(h.ID).country; k < h.Last; k++ {
				marks[k-from].country = country
			}
		case h.Layer == layerAgency:
			mark(h.First, h.Last, agency)
		case means(h) && h.ID == c.cue.homeland:
			mark(h.First, h.Last, land)
		}
	}
	for _, h := range s.frames {
		if (h.ID == official || h.ID == court || h.ID == people || h.ID == power) && !is(h.First, poison) {
			mark(h.First, h.Last, noun)
			if h.ID == people {
				mark(h.First, h.Last, kin)
			}
		}
	}
	all := d.parties[:0]
	for k := from; k < to; {
		if !is(k, kind) {
			k++
			continue
		}
		p := party{first: k, last: k + 1}
		for p.last < to && (joins(t, p.last-1) || is(p.last-1, glued)) {
			next := p.last
			if next+1 < to && !is(next, kind) && is(next+1, kind) && is(p.last-1, noun) && joins(t, next) && links[t.Folded(next)] {
				next++
			}
			if !is(next, kind) || is(p.last-1, kin) && !is(next, kin) {
				break
			}
			if one, other := marks[p.last-1-from].country, marks[next-from].country; one != "" && other != "" && one != other {
				break // "اتهمت تركيا إيران"
			}
			p.last = next + 1
		}
		k = p.last
		c.describe(d, s, &p)
		all = append(all, p)
	}
	for _, n := range names {
		if c.is(d, t, n.first, "title") || c.dayAt(d, t, n.first, n.last) != nil || slices.ContainsFunc(all, func(p party) bool { return p.first < n.last && n.first < p.last }) {
			continue
		}
		p := party{first: n.first, last: n.last, person: true, bare: n.last-n.first == 1 && !n.longer, m: story.Mention{Canonical: n.canonical, ID: n.id}}
		// "British Prime Minister Theresa May" is one, and her name is what to call her.
		if k := slices.IndexFunc(all, func(o party) bool { return o.last == n.first && (o.official || o.court) && joins(t, o.last-1) }); k >= 0 {
			p.official, p.court = all[k].official, all[k].court
			all = slices.Delete(all, k, k+1)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b party) int { return a.first - b.first })
	d.parties = all
	return all
}

// links are the words inside a party between a noun and its country: "ministry of Iran", "servicios de Rusia".
var links = map[string]bool{"of": true, "de": true, "del": true, "du": true, "des": true, "der": true, "di": true, "della": true, "the": true, "la": true, "do": true, "da": true, "van": true, "на": true, "von": true}

// describe says what a party is by the lists that know its words.
func (c *Classifier) describe(d *document, s *sentence, p *party) {
	within := func(first, last int) bool { return first >= p.first && last <= p.last }
	t, land := s.part, false
	for _, h := range s.hits {
		if !within(h.First, h.Last) {
			if means(h) && h.First < p.last && p.first <= h.Last && slices.Contains(c.cue.people, h.ID) {
				p.held = true
			}
			continue
		}
		switch {
		case h.Layer == layerPlace:
			m := c.placeOf(h.ID)
			p.state, p.city = true, p.city || m.kind == "city"
			if p.m.Country == "" {
				p.m.Country = m.country
			}
		case h.Layer == layerAgency:
			a := c.agencies[h.ID]
			p.service, p.m = true, story.Mention{Canonical: a.canonical, ID: a.id, Country: a.country}
		case means(h) && h.ID == c.cue.homeland:
			p.state, land = true, true
		case means(h) && h.ID == c.cue.formerSpy:
			p.held = true
		}
	}
	for _, h := range s.frames {
		if !within(h.First, h.Last) {
			continue
		}
		switch h.ID {
		case power:
			p.power = true
		case official:
			p.official = true
		case court:
			p.court = true
		case people:
			p.people = true
		}
	}
	p.city = p.city && !land
	if p.first > t.Sentences[s.index].First {
		for k := p.first - 1; k >= max(t.Sentences[s.index].First, p.first-3) && joins(t, k); k-- {
			p.held = p.held || c.is(d, t, k, "former") // "a former officer of the GRU"
		}
		before := p.first - 1
		if c.is(d, t, before, "article") && before > t.Sentences[s.index].First {
			before-- // "near the Baghdad airport"
		}
		p.site = p.state && !p.power && !p.official && !p.court && c.is(d, t, before, "where")
	}
}

// mention is a party as the filler of a role.
func (p *party) mention(t *part) story.Mention {
	span := t.span(p.first, p.last)
	m := p.m
	m.Name, m.Spans = span.Quote, []story.Span{span}
	if m.Canonical == "" {
		m.Canonical = strings.TrimSpace(m.Name)
	}
	return m
}

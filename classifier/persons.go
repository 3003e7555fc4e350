package classifier

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	spelt "github.com/spywire/spywire/internal/name"
	"github.com/spywire/spywire/internal/story"
)

// name is a run of capitalised words that no list knows otherwise.
type name struct {
	first, last int    // tokens
	canonical   string // what the person is called, in Latin letters where the script says how
	id          string // the same for all spellings of a whole name, or ""
	known       bool   // a name out of a known case
	longer      bool   // the document has a longer form of it, or it is one
	sure        bool   // of somebody with a common first name: a person and nothing else
	who         *person
}

// mention is a name as the filler of a role.
func (n name) mention(t *part) story.Mention {
	span := t.span(n.first, n.last)
	return story.Mention{Name: span.Quote, Canonical: n.canonical, ID: n.id, Spans: []story.Span{span}}
}

// person is somebody the document calls by a whole name.
type person struct {
	canonical, id string
	words         int
	sure          bool
	titled        bool    // it begins with a word for a post
	next          *person // with the same surname
}

// is reports whether two names with one surname are of one person: the same name or the same sounds, one the end of the other, or one
// that says a post and no first name. Scripts that say no sounds have the surname alone.
func (p *person) is(o *person) bool {
	if p.canonical == o.canonical || p.id != "" && p.id == o.id || p.titled || o.titled {
		return true
	}
	if p.id == "" || o.id == "" {
		return !p.sure || !o.sure
	}
	return strings.HasSuffix(p.canonical, " "+o.canonical) || strings.HasSuffix(o.canonical, " "+p.canonical)
}

// better reports whether one form of a name says more than another: with a common first name and nothing before it, or
// else longer, up to three words.
func (p person) better(o person) bool {
	if p.sure != o.sure {
		return p.sure
	}
	if p.sure {
		return p.words < o.words
	}
	return p.words <= 3 && utf8.RuneCountInString(p.canonical) > utf8.RuneCountInString(o.canonical)
}

// persons finds the names in every sentence of the document. A single word counts only in the middle of a
// sentence or as the last word of a longer name; titles in which every word has a capital say nothing.
func (c *Classifier) persons(d *document) [][]name {
	all := make([][]name, len(d.sentences))
	clear(d.read)
	clear(d.met)
	for i := range d.sentences {
		from := len(d.names)
		c.runs(d, &d.sentences[i])
		all[i] = d.names[from:]
		for k := range all[i] {
			if n := &all[i][k]; n.last-n.first > 1 {
				n.who = c.whole(d, d.sentences[i].part, *n)
			}
		}
	}
	for i, names := range all {
		t := d.sentences[i].part
		kept := names[:0]
		for _, n := range names {
			who := n.who
			if who == nil {
				who = d.met[stem(t.Text, n.last-1)]
			}
			start := n.first == t.Sentences[d.sentences[i].index].First
			switch {
			case who != nil:
				n.canonical, n.id, n.sure, n.longer = who.canonical, who.id, who.sure, true
			case !n.known && (start || d.lang == "de"):
				continue
			default:
				n.canonical = spelt.Latin(t.span(n.first, n.last).Quote, d.lang)
			}
			kept = append(kept, n)
		}
		all[i] = kept
	}
	return all
}

// maxFamily is how many persons of one surname are told apart.
const maxFamily = 50

// whole is the person of a name of several words: the one with that surname who is met already, or somebody else of the family.
func (c *Classifier) whole(d *document, t *part, n name) *person {
	text := t.span(n.first, n.last).Quote
	p, known := d.read[text]
	if !known {
		who := c.people.Read(text, d.lang)
		p = person{canonical: who.Canonical, words: n.last - n.first, sure: who.Known, titled: c.is(d, t, n.first, "title")}
		if who.Key != "" {
			p.id = "person:" + who.Key
		}
		d.read[text] = p
	}
	surname := stem(t.Text, n.last-1)
	first := d.met[surname]
	last, family := first, 0
	for o := first; o != nil; o = o.next {
		if family++; !p.is(o) && family < maxFamily {
			last = o
			continue
		}
		if p.better(*o) {
			p.next = o.next
			*o = p
		}
		return o
	}
	one := new(person)
	*one = p
	if first == nil {
		d.met[surname] = one
	} else {
		last.next = one
	}
	return one
}

// persona are the persons of a story: whoever has a common first name, and who fills a role.
func (c *Classifier) persona(d *document, events []story.Event) (all []story.Entity) {
	role := map[string]bool{}
	for _, e := range events {
		for _, m := range slices.Concat(e.Roles.Victim, e.Roles.Target, e.Roles.Actor, e.Roles.Accuser) {
			role[m.ID] = true
		}
	}
	at := map[string]int{}
	for i, names := range d.people {
		for _, n := range names {
			if n.id == "" || !n.sure && (!role[n.id] || d.lang == "de") { // a German noun has a capital, too
				continue
			}
			m := n.mention(d.sentences[i].part)
			k, known := at[n.id]
			if !known {
				k = len(all)
				at[n.id] = k
				all = append(all, story.Entity{Type: "person", Name: m.Name, Canonical: m.Canonical, ID: m.ID})
			}
			all[k].Spans = join(all[k].Spans, m.Spans...)
		}
	}
	return all
}

// stem is the beginning of a surname, without the endings of its cases.
func stem(t *match.Text, i int) string {
	w := t.Folded(i)
	left := max(4, utf8.RuneCountInString(w)-2)
	for at := range w {
		if left--; left < 0 {
			return w[:at]
		}
	}
	return w
}

// particles may stand inside a name without a capital.
var particles = map[string]bool{"al": true, "el": true, "von": true, "van": true, "de": true, "der": true, "den": true, "bin": true, "ibn": true, "di": true, "da": true, "del": true, "ul": true, "abu": true}

// runs appends the names of a sentence to those of the document.
func (c *Classifier) runs(d *document, s *sentence) {
	t := s.part
	from, to := t.Sentences[s.index].First, t.Sentences[s.index].Last
	const (
		taken = 1 << iota
		known
	)
	marks := d.marked(to - from)
	is := func(k int, bit uint8) bool { return marks[k-from].bits&bit != 0 }
	capitals := 0
	for _, h := range s.hits {
		for k := h.First; k < h.Last; k++ {
			switch {
			case h.Layer == layerConcept && h.ID == c.cue.caseName && !strings.HasPrefix(t.Folded(h.First), "tiergarten") && !strings.HasPrefix(t.Folded(h.First), "mord"):
				marks[k-from].bits |= known
			case means(h) || h.Layer == layerAgency || h.Layer == layerPlace || h.Layer == layerOutlet && h.Last-h.First > 1:
				marks[k-from].bits |= taken
			case h.Layer == layerMonth:
				if c.monthOnly(d, s, h) {
					marks[k-from].bits |= taken
				}
			}
		}
	}
	for k := from; k < to; k++ {
		if !t.Tokens[k].Title {
			continue
		}
		// Where weekdays have small letters, one with a capital may be Plácido Domingo.
		if one := c.dayAt(d, t, k, to); one != nil && one.tells && (slices.Contains(capitalDays, d.lang) || !inName(s, k)) {
			for i := range len(one.rest) + 1 {
				marks[k+i-from].bits |= taken
			}
		}
	}
	for k := from; k < to; k++ {
		if t.Tokens[k].Title && t.Folded(k)[0] < utf8.RuneSelf { // no headline in Cyrillic or Greek has capitals throughout
			capitals++
		}
	}
	shouting := capitals*10 >= (to-from)*6 && to-from >= 5
	for k := from; k < to; {
		if is(k, known) || t.Tokens[k].Title && !is(k, taken) && !shouting && !t.Tokens[k].Upper {
			n := name{first: k, last: k + 1, known: is(k, known)}
			for n.last < to && joins(t, n.last-1) {
				j := n.last
				if particles[t.Folded(j)] && j+1 < to && t.Tokens[j+1].Title {
					j++
				}
				if !is(j, known) && (!t.Tokens[j].Title || is(j, taken) || shouting) {
					break
				}
				n.known = n.known || is(j, known)
				n.last = j + 1
			}
			d.names = append(d.names, n)
			k = n.last
			continue
		}
		k++
	}
}

// monthOnly reports whether the name of a month is nobody's: "Jan" and "August" are first names, too, and "May" is a surname.
func (c *Classifier) monthOnly(d *document, s *sentence, h match.Hit) bool {
	day, year, date := besideMonth(s, h)
	switch {
	case day > 0 || year > 0:
		return true
	case inName(s, h.First):
		return date && (h.Last == s.part.Sentences[s.index].Last || !c.people.Read(s.part.span(h.First, h.Last+1).Quote, d.lang).Known)
	}
	return d.met[stem(s.part.Text, h.First)] == nil // the surname of somebody named before
}

// inName reports whether a word with a capital stands beside a token, as in a name of several words.
func inName(s *sentence, k int) bool {
	t := s.part
	in := t.Sentences[s.index]
	return k > in.First && t.Tokens[k-1].Title && joins(t, k-1) || k+1 < in.Last && t.Tokens[k+1].Title && joins(t, k)
}

// joins reports whether only a space or a hyphen stands between a token and the next.
func joins(t *part, k int) bool {
	switch t.Between(k) {
	case " ", "-", "\u00a0", "‑":
		return true
	}
	return false
}

package classifier

import (
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
)

// name is a run of capitalised words that no list knows otherwise.
type name struct {
	first, last int    // tokens
	canonical   string // the longest form of it in the document
	known       bool   // a name out of a known case
	longer      bool   // the document has a longer form of it, or it is one
}

// particles may stand inside a name without a capital.
var particles = map[string]bool{"al": true, "el": true, "von": true, "van": true, "de": true, "der": true, "den": true, "bin": true, "ibn": true, "di": true, "da": true, "del": true, "ul": true, "abu": true}

// persons finds the names in every sentence of the document. A single word counts only in the middle of a
// sentence or as the last word of a longer name; titles in which every word has a capital say nothing.
func (c *Classifier) persons(d *document, lang string) [][]name {
	all := make([][]name, len(d.sentences))
	full := map[string]string{}
	for i := range d.sentences {
		all[i] = c.runs(&d.sentences[i])
		for _, n := range all[i] {
			if n.last-n.first > 1 {
				key := stem(d.sentences[i].part.Text, n.last-1)
				text := d.sentences[i].part.span(n.first, n.last).Quote
				if old, ok := full[key]; !ok || utf8.RuneCountInString(text) > utf8.RuneCountInString(old) && len(strings.Fields(text)) <= 3 {
					full[key] = text
				}
			}
		}
	}
	for i, names := range all {
		t := d.sentences[i].part
		kept := names[:0]
		for _, n := range names {
			text := t.span(n.first, n.last).Quote
			canonical, longer := full[stem(t.Text, n.last-1)]
			start := n.first == t.Sentences[d.sentences[i].index].First
			if n.last-n.first == 1 && !longer && !n.known && (start || lang == "de") {
				continue
			}
			n.canonical = text
			n.longer = longer
			if longer {
				n.canonical = canonical
			}
			kept = append(kept, n)
		}
		all[i] = kept
	}
	return all
}

// stem is the beginning of a surname, without the endings of its cases.
func stem(t *match.Text, i int) string {
	w := []rune(t.Word(i))
	return string(w[:min(len(w), max(4, len(w)-2))])
}

func (c *Classifier) runs(s *sentence) []name {
	t := s.part
	from, to := t.Sentences[s.index].First, t.Sentences[s.index].Last
	taken := make([]bool, to-from)
	known := make([]bool, to-from)
	capitals := 0
	for _, h := range s.hits {
		for k := h.First; k < h.Last; k++ {
			switch {
			case h.Layer == layerConcept && h.ID == c.cue.caseName && !strings.HasPrefix(t.Folded(h.First), "tiergarten") && !strings.HasPrefix(t.Folded(h.First), "mord"):
				known[k-from] = true
			case means(h) || h.Layer == layerAgency || h.Layer == layerPlace || h.Layer == layerOutlet && h.Last-h.First > 1:
				taken[k-from] = true
			}
		}
	}
	for k := from; k < to; k++ {
		if t.Tokens[k].Title {
			capitals++
		}
	}
	shouting := capitals*10 >= (to-from)*6 && to-from >= 5
	var out []name
	for k := from; k < to; {
		if known[k-from] || t.Tokens[k].Title && !taken[k-from] && !shouting && !t.Tokens[k].Upper {
			n := name{first: k, last: k + 1, known: known[k-from]}
			for n.last < to && joins(t, n.last-1) {
				j := n.last
				if particles[t.Word(j)] && j+1 < to && t.Tokens[j+1].Title {
					j++
				}
				if !known[j-from] && (!t.Tokens[j].Title || taken[j-from] || shouting) {
					break
				}
				n.known = n.known || known[j-from]
				n.last = j + 1
			}
			out = append(out, n)
			k = n.last
			continue
		}
		k++
	}
	return out
}

// joins reports whether only a space or a hyphen stands between a token and the next.
func joins(t *part, k int) bool {
	switch t.Between(k) {
	case " ", "-", "\u00a0", "‑":
		return true
	}
	return false
}

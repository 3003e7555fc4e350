package classifier

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/outlet"
	"github.com/spywire/spywire/internal/story"
	"go.yaml.in/yaml/v4"
)

// credit is what a phrase of lexicon/credits.yaml says about the words around it.
type credit struct{ before bool } // the source stands behind the phrase

func (c *Classifier) loadCredits() error {
	return eachKey(creditsFile, func(key, value *yaml.Node) error {
		mask := c.lexicon.langs[key.Value] &^ everyLang
		if mask == 0 {
			var err error
			if mask, err = c.lexicon.addCredits(key.Value); err != nil {
				return err
			}
		}
		return pairs(value, func(where string, list *yaml.Node) error {
			if where != "before" && where != "after" {
				return fmt.Errorf("unknown key %s", where)
			}
			id := int32(len(c.credits))
			c.credits = append(c.credits, credit{where == "before"})
			return eachItem(list, func(phrase string) error {
				return c.lexicon.index.Add(phrase, mask, layerCredit, id)
			})
		})
	})
}

// gap is how many words may stand between a credit phrase and the source, "according to the newspaper X", besides the
// adjective of a country.
const gap = 3

// origins are the outlets and agencies that the story credits, each once, in order of first credit. An outlet
// that is only spoken of is none, unless the page or its feed says that the text is from there, and nor is the story's own.
func (c *Classifier) origins(d *document, a story.Article) []story.Origin {
	all := []story.Origin{}
	seen := map[string]bool{a.Source.Name: true}
	put := func(o story.Origin) {
		if key := cmp.Or(o.Canonical, strings.ToLower(o.Name)); !seen[key] {
			seen[key] = true
			all = append(all, o)
		}
	}
	from := c.claimed(a)
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, h := range s.hits {
			if h.Layer != layerOutlet || !c.ends(d, s.part, h) || !c.chosen(d, s, h) {
				continue
			}
			one := c.names[h.ID]
			o := c.outlets.All()[one.outlet]
			if o.Kind == "official" && c.serviceAt(s.hits, h) {
				continue // a service that the story is about
			}
			if !ownHost(o.Domains, a.Source.Host) && (from[o.Name] || c.credited(s, h, one.weak)) {
				put(originOf(o, s.part.span(h.First, h.Last)))
			}
		}
		for _, o := range c.unlisted(d, s) {
			put(o)
		}
	}
	for _, o := range c.linked(d, a) {
		put(o)
	}
	slices.SortStableFunc(all, func(a, b story.Origin) int {
		return cmp.Or(-strings.Compare(a.Span.Field, b.Span.Field), a.Span.Start-b.Span.Start) // the title before the text
	})
	return all
}

// chosen reports whether a hit is the one that is meant of several outlets of that name: in the document's language, or else
// the first of the table.
func (c *Classifier) chosen(d *document, s *sentence, at match.Hit) bool {
	of := func(h match.Hit) *outlet.Outlet { return &c.outlets.All()[c.names[h.ID].outlet] }
	mine := of(at)
	return !slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		if h.Layer != layerOutlet || h.First != at.First || h.Last != at.Last {
			return false
		}
		other := of(h)
		return other.Name != mine.Name && c.ends(d, s.part, h) && (other.Lang == d.spoken && mine.Lang != d.spoken || (other.Lang == d.spoken) == (mine.Lang == d.spoken) && c.names[h.ID].outlet < c.names[at.ID].outlet)
	})
}

// originOf is an outlet of the table as the one credited by a span.
func originOf(o outlet.Outlet, span story.Span) story.Origin {
	kind := "outlet"
	switch {
	case o.Agency():
		kind = "agency"
	case o.Kind == "official":
		kind = "official"
	}
	return story.Origin{Name: span.Quote, Canonical: o.Name, Kind: kind, Span: span}
}

// serviceAt reports whether the tokens of a hit name a service, or are a word for any, as well.
func (c *Classifier) serviceAt(hits []match.Hit, at match.Hit) bool {
	for _, h := range hits {
		if (h.Layer == layerAgency || h.Layer == layerConcept && (h.ID == c.cue.service || h.ID == c.cue.security)) && h.First < at.Last && at.First < h.Last {
			return true
		}
	}
	return false
}

func ownHost(domains []string, host string) bool {
	for _, d := range domains {
		if host != "" && (host == d || strings.HasSuffix(host, "."+d)) {
			return true
		}
	}
	return false
}

// credited reports whether an outlet's name stands where a source stands: next to a credit phrase, in a
// bracket of its own, at the end of the title behind a dash, or in a dateline.
func (c *Classifier) credited(s *sentence, h match.Hit, weak bool) bool {
	t := s.part
	first, last := t.Sentences[s.index].First, t.Sentences[s.index].Last
	before, after := t.Before(h.First), t.Between(h.Last-1)
	bracket := bracketed(before, after)
	tail := strings.TrimSpace(before)
	dash := h.Last == last && h.First > first && (strings.HasSuffix(tail, "–") || strings.HasSuffix(tail, "—") || strings.HasSuffix(tail, "|") || strings.HasSuffix(before, "- "))
	dateline := s.index < 3 && h.First-first <= 6 && strings.HasPrefix(strings.TrimLeft(after, " )"), "—")
	colon := h.First == first && strings.HasPrefix(after, ":") && t.field == story.FieldTitle
	if bracket || t.field == story.FieldTitle && dash || dateline && !weak || colon {
		return true
	}
	// A weak name in the middle of a sentence needs the phrase right beside it, unless it stands in quotes or behind a word for
	// an outlet, "the newspaper X".
	reach := gap
	named := slices.ContainsFunc(s.frames, func(f match.Hit) bool { return f.ID == press && f.Last == h.First })
	if weak && !named && !quoted(before, after) {
		reach = 1
	}
	for _, k := range s.hits {
		if k.Layer != layerCredit {
			continue
		}
		if c.credits[k.ID].before {
			if k.Last <= h.First && h.First-k.Last <= reach+c.countries(s, k, h, weak) && !breaks(t, k.Last-1, h.First) {
				return true
			}
		} else if k.First >= h.Last && k.First-h.Last < reach && !breaks(t, h.Last-1, k.First) {
			return true
		}
	}
	return false
}

// countries is how many words between a phrase of several words and a source of a telling name are of places.
func (c *Classifier) countries(s *sentence, phrase, source match.Hit, weak bool) int {
	n := 0
	if weak || phrase.Last-phrase.First < 2 {
		return n
	}
	for _, h := range s.hits {
		if h.Layer == layerPlace && h.First >= phrase.Last && h.Last <= source.First {
			n += h.Last - h.First
		}
	}
	return n
}

// breaks reports whether a full clause boundary lies between two tokens; one comma may.
func breaks(t *part, from, to int) bool {
	between := t.Raw[t.Tokens[from].End:t.Tokens[to].Start]
	return strings.ContainsAny(between, ";()") || strings.Count(between, ",") > 1
}

// bracketed reports whether brackets hold a name and nothing else.
func bracketed(before, after string) bool {
	for _, pair := range [][2]string{{"(", ")"}, {"（", "）"}, {"【", "】"}, {"[", "]"}} {
		if strings.HasSuffix(before, pair[0]) && strings.HasPrefix(after, pair[1]) {
			return true
		}
	}
	return false
}

func quoted(before, after string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	q, _ := utf8.DecodeRuneInString(after)
	return strings.ContainsRune("\"“«„‘'『「《", r) && strings.ContainsRune("\"”»“’'』」》", q)
}

package classifier

import (
	"fmt"
	"strings"

	"github.com/spywire/spywire/classifier/gazetteer"
	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// place is a line of lexicon/places.tsv, or one of the gazetteer.
type place struct {
	country, kind, canonical string
	refuge                   bool            // people who flee their country may live there, and it is not at war
	known                    gazetteer.Place // what the gazetteer has of it, if anything
}

// notRefuge are the countries that opponents flee and those where deaths are mostly of a war.
const notRefuge = " RU SU BY IR CN KP SA RW TM TJ UZ KZ AZ VE CU NI SY LY ER VN MM EG ET BI CD GQ UA IQ AF YE PS IL LB SO SD SS ML NG XW "

// loadPlaces enters the places of the lexicon, whose forms and stems somebody has seen to; the gazetteer says where they are.
func (c *Classifier) loadPlaces() error {
	var err error
	if c.gazetteer, err = gazetteer.Load(c.lexicon.folder); err != nil {
		return err
	}
	return eachRow("lexicon/places.tsv", 4, func(col []string) error {
		if len(col[0]) != 2 || strings.ToUpper(col[0]) != col[0] {
			return fmt.Errorf("country %q is not ISO 3166 alpha-2", col[0])
		}
		for _, alias := range strings.Split(col[3], "|") {
			if err := c.lexicon.index.Add(alias, everyLang, layerPlace, int32(len(c.places))); err != nil {
				return err
			}
		}
		p := place{country: col[0], kind: col[1], canonical: col[2], refuge: !strings.Contains(notRefuge, " "+col[0]+" ")}
		known := c.gazetteer.State(col[0])
		if p.kind == "city" || p.kind == "region" {
			known = c.gazetteer.Named(col[0], append([]string{col[2]}, strings.Split(strings.ReplaceAll(col[3], "*", ""), "|")...)...)
		}
		if known >= 0 {
			p.known = c.gazetteer.Place(known)
		}
		c.places = append(c.places, p)
		return nil
	})
}

// kinds are the gazetteer's kinds of places as lexicon/places.tsv calls them.
var kinds = map[gazetteer.Kind]string{gazetteer.City: "city", gazetteer.Region: "region", gazetteer.State: "country"}

// placeOf is the place of a hit: the lexicon's come first, the gazetteer's are numbered on from there.
func (c *Classifier) placeOf(id int32) place {
	if int(id) < len(c.places) {
		return c.places[id]
	}
	p := c.gazetteer.Place(id - int32(len(c.places)))
	return place{country: p.Country, kind: kinds[p.Kind], canonical: p.Name, known: p}
}

// mention is the filler of a role that a hit of a place is.
func (c *Classifier) mention(s *sentence, h match.Hit) story.Mention {
	p, span := c.placeOf(h.ID), s.part.span(h.First, h.Last)
	return story.Mention{Name: span.Quote, Canonical: p.canonical, Country: p.country, ID: p.known.ID, Lat: p.known.Lat, Lon: p.known.Lon, Spans: []story.Span{span}}
}

// grammar are the words of lexicon/grammar.tsv of one kind: folded word -> languages.
type grammar map[string]uint64

func (c *Classifier) loadGrammar() error {
	c.grammar = map[string]grammar{}
	return eachRow("lexicon/grammar.tsv", 3, func(col []string) error {
		mask, known := c.lexicon.langs[col[1]]
		if !known {
			return fmt.Errorf("no word list for language %q", col[1])
		}
		if c.grammar[col[0]] == nil {
			c.grammar[col[0]] = grammar{}
		}
		for _, word := range strings.Fields(col[2]) {
			cut := c.lexicon.folder.Cut(word)
			if len(cut.Tokens) != 1 {
				return fmt.Errorf("%q is not one word", word)
			}
			c.grammar[col[0]][cut.Word(0)] |= mask &^ everyLang
		}
		return nil
	})
}

// is reports whether the token k is of a kind of lexicon/grammar.tsv in the document's language.
func (c *Classifier) is(d *document, t *part, k int, kind string) bool {
	return c.grammar[kind][t.Folded(k)]&d.langs != 0
}

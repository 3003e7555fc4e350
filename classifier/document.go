package classifier

import (
	"math/bits"
	"slices"
	"time"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// part is one field of the article, cut and searched.
type part struct {
	field string
	*match.Text
	hits, frames []match.Hit
}

// span quotes the tokens [first, last) of the part.
func (p *part) span(first, last int) story.Span {
	start, end := p.Tokens[first].Start, p.Tokens[last-1].End
	return story.Span{Field: p.field, Start: start, End: end, Quote: p.Raw[start:end]}
}

// sentence is what one sentence says in concepts.
type sentence struct {
	part     *part
	index    int // of part.Sentences
	concepts set
	around   set         // with those of the next sentence
	hits     []match.Hit // all layers
	frames   []match.Hit // what events and credits are read by, once the story is on the beat
	place    int         // how much a condition counts that holds here, of fullPlace
}

// document is an article ready to be judged: the title's sentences first.
type document struct {
	parts     [2]part
	sentences []sentence
	lang      string // by which tables have it: listed
	spoken    string // as the article has it, without a region
	langs     uint64 // the word lists that apply
	lead      int    // how many sentences are title or lead: the first so many of sentences
	all       set    // what the whole article says
	opening   set    // what its title and lead say together
	dense     set    // what it says again and again
	year      int    // of publication, 0 if unknown
	published time.Time
	people    [][]name           // by sentence, once events are read
	names     []name             // all of people
	met       map[string]*person // by the stem of the surname: of one family are several
	read      map[string]person  // by the name as it is written
	parties   []party            // see Classifier.parties
	at        []int              // of conditions that hold, see condition.holds
	marks     []mark             // see marked
}

// mark is what is noted of a token while its sentence is read.
type mark struct {
	bits    uint8
	country string
}

// marked is room for the marks of so many tokens, to be used before the next call.
func (d *document) marked(tokens int) []mark {
	d.marks = slices.Grow(d.marks[:0], tokens)[:tokens]
	clear(d.marks)
	return d.marks
}

// fullPlace is the weight of the lead; the title, where every word is chosen, counts a little more. A single
// mention further down counts less than half, one that comes again and again three quarters: a long article on
// something else may name a spy once.
const (
	titlePlace = 20
	fullPlace  = 16
	densePlace = 12
	bodyPlace  = 5
	strayPlace = 2 // what a single counter-sign in the body takes away: long articles have a word of everything
	// leadWords and leadSentences bound where a sentence of the lead may begin: what an editor puts first is
	// what the story is about. A live blog has no lead: first stands what came in last, whatever it is.
	leadWords     = 100
	leadSentences = 4
)

func newDocument() any {
	return &document{met: map[string]*person{}, read: map[string]person{}, parts: [2]part{{Text: new(match.Text)}, {Text: new(match.Text)}}}
}

// read cuts and searches an article. Who has judged it gives the document back: its memory serves the next.
func (c *Classifier) read(a story.Article) *document {
	langs := c.lexicon.mask(a.Lang, a.Title, a.Text)
	d := c.documents.Get().(*document)
	*d = document{lang: listed(a.Lang), spoken: spoken(a.Lang), langs: langs, parts: d.parts, sentences: d.sentences[:0], names: d.names[:0], met: d.met, read: d.read, parties: d.parties, at: d.at[:0], marks: d.marks}
	if a.Published != nil {
		d.year, d.published = a.Published.Year(), *a.Published
	}
	for i, field := range []string{story.FieldTitle, story.FieldText} {
		raw, _ := a.Field(field)
		p := &d.parts[i]
		p.field = field
		c.lexicon.folder.CutInto(p.Text, raw)
		p.hits = c.lexicon.index.Find(p.Text, langs, p.hits[:0])
		next := 0
		for k, s := range p.Sentences {
			sent := sentence{part: p, index: k, place: bodyPlace}
			first := next
			for next < len(p.hits) && p.hits[next].First < s.Last {
				switch h := p.hits[next]; {
				case means(h):
					sent.concepts.add(h.ID)
				case h.Layer == layerPlace && c.places[h.ID].refuge:
					sent.concepts.add(c.cue.abroad)
				}
				next++
			}
			sent.hits = p.hits[first:next]
			sent.around = sent.concepts
			if field == story.FieldTitle {
				sent.place = titlePlace
			} else if k < leadSentences && s.First < leadWords && a.PageKind != story.KindLiveBlog {
				sent.place = fullPlace
			}
			if sent.place != bodyPlace {
				d.opening.join(&sent.concepts)
				d.lead++
			}
			d.all.join(&sent.concepts)
			if n := len(d.sentences); n > 0 {
				d.sentences[n-1].around.join(&sent.concepts)
			}
			d.sentences = append(d.sentences, sent)
		}
	}
	d.weigh()
	return d
}

// dense reports whether so many sentences out of all are again and again.
func dense(n, all int) bool { return n >= 3 && n*8 >= all }

// weigh notes the concepts that come again and again.
func (d *document) weigh() {
	if len(d.sentences) == d.lead {
		return // read closely as it is
	}
	var count [maxConcepts]int
	for i := range d.sentences {
		for w, word := range d.sentences[i].concepts {
			for ; word != 0; word &= word - 1 {
				count[w*64+bits.TrailingZeros64(word)]++
			}
		}
	}
	for id, n := range count {
		if dense(n, len(d.sentences)) {
			d.dense.add(concept(id))
		}
	}
}

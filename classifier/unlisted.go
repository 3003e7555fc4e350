package classifier

import (
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// unlisted are the credits of a sentence to those the outlet table does not know, as the text writes them: an outlet behind a
// noun for one, "the newspaper X", or with such a word in its name; who speaks for a state or a court; a document.
func (c *Classifier) unlisted(d *document, s *sentence) (all []story.Origin) {
	if len(s.frames) == 0 {
		return nil
	}
	t := s.part
	put := func(kind, canonical string, first, last int) {
		span := t.span(first, last)
		all = append(all, story.Origin{Name: span.Quote, Canonical: canonical, Kind: kind, Span: span})
	}
	for _, h := range s.frames {
		switch h.ID {
		case press:
			last := c.title(s, h.Last)
			if last == h.Last || c.taken(s, h.Last, last) || !c.speaks(s, party{first: h.First, last: last}) {
				continue
			}
			put("outlet", "", h.Last, last)
		case outletWord:
			first, last := h.First, c.title(s, h.First)
			for first > t.Sentences[s.index].First+1 && joins(t, first-1) && t.Tokens[first-1].Title {
				first--
			}
			if last-first < 2 || c.taken(s, first, last) || !c.speaks(s, party{first: first, last: last}) {
				continue
			}
			put("outlet", "", first, last)
		case paper:
			if c.speaks(s, party{first: h.First, last: h.First}) {
				put("document", "", h.First, h.Last)
			}
		}
	}
	if !s.says(official, court) && !slices.ContainsFunc(s.hits, func(h match.Hit) bool { return h.Layer == layerAgency }) {
		return all
	}
	for _, p := range c.parties(d, s, nil) {
		if (p.official || p.court || p.service && !p.held) && !p.site && c.speaks(s, p) {
			put("official", p.m.Canonical, p.first, p.last)
		}
	}
	return all
}

// title is the end of the run of capitalised words, or of the quotation, that begins at a token: at most four words.
func (c *Classifier) title(s *sentence, first int) int {
	t := s.part
	in := t.Sentences[s.index]
	if first >= in.Last || !t.Tokens[first].Title {
		return first
	}
	last := first + 1
	if before := t.Before(first); strings.ContainsAny(before, "\"“«„") {
		for last < in.Last && last-first < 4 && !strings.ContainsAny(t.Between(last-1), "\"”»“") {
			last++
		}
		return last
	}
	for last < in.Last && last-first < 4 && joins(t, last-1) && t.Tokens[last].Title {
		last++
	}
	return last
}

// taken reports whether an outlet that the table knows, or a service, lies within tokens.
func (c *Classifier) taken(s *sentence, first, last int) bool {
	return slices.ContainsFunc(s.hits, func(h match.Hit) bool {
		return (h.Layer == layerOutlet || h.Layer == layerAgency || h.Layer == layerMonth) && h.First < last && first < h.Last
	})
}

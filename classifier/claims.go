package classifier

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/outlet"
	"github.com/spywire/spywire/internal/story"
)

// claimed are the outlets, by their names in the table, that the page or its feed says the text is from: a byline, the
// feed's <source>, a canonical link to another site. Where the text names one of them at all, it needs no phrase to credit it.
// What the text does not name stays in Article.Credits: an origin needs bytes to point to.
func (c *Classifier) claimed(a story.Article) map[string]bool {
	var from map[string]bool
	put := func(o outlet.Outlet) {
		if from == nil {
			from = map[string]bool{}
		}
		from[o.Name] = true
	}
	for _, credit := range a.Credits {
		if credit.Kind == "link" {
			continue
		}
		if o, ok := c.publisher(credit.URL); ok {
			put(o)
		} else if o, ok := c.called(credit.Name); ok {
			put(o)
		}
	}
	return from
}

// publisher is the outlet whose site an address is on.
func (c *Classifier) publisher(address string) (outlet.Outlet, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return outlet.Outlet{}, false
	}
	return c.outlets.ByDomain(u.Host)
}

// called is the outlet of a whole name.
func (c *Classifier) called(name string) (outlet.Outlet, bool) {
	text := c.lexicon.folder.Cut(name)
	for _, h := range c.lexicon.index.Find(text, everyLang, nil) {
		if h.Layer == layerOutlet && h.First == 0 && h.Last == len(text.Tokens) {
			return c.outlets.All()[c.names[h.ID].outlet], true
		}
	}
	return outlet.Outlet{}, false
}

// linked are the credits by a link to another outlet's page, where the sentence says that something is told there: the
// link holds a phrase that credits, or stands beside one, "according to [a report]".
func (c *Classifier) linked(d *document, a story.Article) (all []story.Origin) {
	for _, credit := range a.Credits {
		if credit.Kind != "link" || credit.Name == "" {
			continue
		}
		o, ok := c.publisher(credit.URL)
		if !ok || ownHost(o.Domains, a.Source.Host) {
			continue
		}
		for from := 0; ; {
			at := strings.Index(a.Text[from:], credit.Name)
			if at < 0 {
				break
			}
			start := from + at
			if c.tells(d, start, start+len(credit.Name)) {
				span := story.Span{Field: story.FieldText, Start: start, End: start + len(credit.Name), Quote: credit.Name}
				all = append(all, originOf(o, span))
				break
			}
			from = start + len(credit.Name)
		}
	}
	return all
}

// tells reports whether bytes of the text hold a phrase that credits, or stand a few words beside one, in one sentence.
func (c *Classifier) tells(d *document, start, end int) bool {
	p := &d.parts[1]
	first, _ := slices.BinarySearchFunc(p.Tokens, start, func(t match.Token, at int) int { return t.Start - at })
	last, _ := slices.BinarySearchFunc(p.Tokens, end, func(t match.Token, at int) int { return t.Start - at })
	if first >= last {
		return false
	}
	// Hits stand in the order of their first tokens: a link may be a word that the text has thousands of times.
	at, _ := slices.BinarySearchFunc(p.hits, p.Sentences[p.Tokens[first].Sentence].First, func(h match.Hit, token int) int { return h.First - token })
	to, _ := slices.BinarySearchFunc(p.hits, last+gap, func(h match.Hit, token int) int { return h.First - token })
	return slices.ContainsFunc(p.hits[at:max(at, to)], func(h match.Hit) bool {
		if h.Layer != layerCredit || p.Tokens[h.First].Sentence != p.Tokens[first].Sentence {
			return false
		}
		if h.First < last && first < h.Last {
			return true
		}
		if c.credits[h.ID].before {
			return h.Last <= first && first-h.Last <= gap
		}
		return h.First >= last && h.First-last < gap
	})
}

package newsroom

import (
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Expectation is what should become of one listed URL, and what a reader of its page sees.
type Expectation struct {
	ID     story.ID
	URL    string // normalised
	Outlet string // name
	Host   string
	Feeds  []string // URLs of the feeds that list it

	Outcome story.Outcome
	Also    []story.Outcome // outcomes that are as right, where the rules leave room
	Into    story.ID        // the record a merged page belongs to; after a 301 it is one that no feed lists
	IntoURL string

	Labels, Subtypes []string // categories and subtypes, in no order; none for stories off the beat
	Origin           string   // the outlet or agency that the text credits
	Kind             string   // story kind, "" where the test does not care

	// What the page says, for outcomes that a parser or classifier reaches.
	Lang      string
	Title     string
	Text      string // paragraphs, headings, quotes and list items, separated by an empty line
	Authors   []string
	Published time.Time // in the outlet's zone
	DayOnly   bool      // the page states no more than the day of Published
	PageKind  story.PageKind
	Truncated bool
	Revised   *Revision // what it says once edited

	// Appears is when the first of its feeds lists it, with Reveal; zero for what is listed from the beginning.
	Appears time.Time
}

// Revision is the second version of an article that is edited after it was published.
type Revision struct {
	Title, Text string
	Modified    time.Time
}

// Expectations are all of them, written articles by outlet and file name, then generated ones.
func (n *Newsroom) Expectations() []Expectation {
	var all []Expectation
	for _, o := range n.outlets {
		for _, a := range o.articles {
			all = append(all, n.expectation(a))
		}
	}
	return append(all, n.load.expectations(n)...)
}

func (n *Newsroom) expectation(a *article) Expectation {
	o := a.outlet
	e := Expectation{
		ID: story.NewID(a.url), URL: a.url, Outlet: o.name, Host: o.host, Outcome: a.expect[0], Also: a.expect[1:], Labels: a.labels, Subtypes: a.subtypes,
		Origin: a.origin, Kind: a.kind, Lang: o.lang, Title: a.versions[0].title, Text: plainText(a.shown(0)), Authors: a.authors,
		Published: n.opts.Base.Add(a.published).In(o.zone).Truncate(time.Minute), PageKind: story.KindArticle,
		DayOnly: o.design == "bare" || o.design == "blog",
	}
	for _, f := range a.feeds {
		e.Feeds = append(e.Feeds, f.url)
		if at := n.appears(f, a); e.Appears.IsZero() || at.Before(e.Appears) {
			e.Appears = at
		}
	}
	if of := o.bySlug(a.canonical); of != nil {
		e.IntoURL = of.url
	} else if a.movedTo != "" && weburl.SameSite(a.url, a.movedTo) {
		e.IntoURL = a.movedTo
	}
	if e.IntoURL != "" {
		e.Into = story.NewID(e.IntoURL)
	}
	switch a.serve[0] {
	case "teaser":
		e.PageKind, e.Truncated = story.KindTeaser, true
	case "live":
		e.PageKind = story.KindLiveBlog
	case "index":
		e.PageKind = story.KindIndex
	case "empty":
		e.PageKind = story.KindVideo
	}
	if len(a.versions) > 1 {
		e.Revised = &Revision{a.versions[1].title, plainText(a.shown(1)), n.opts.Base.Add(a.revised).In(o.zone).Truncate(time.Minute)}
	}
	return e
}

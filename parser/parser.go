// Package parser turns a page as it came over the wire (story.Page) into the article on it (story.Article): text
// without the page's furniture, title, authors, dates, language and address, and how sure all that is.
//
// The tree is built once and walked once. The walk yields two flat lists, blocks (paragraphs, headings, list
// items) and regions (containers, as ranges of blocks); everything after it is arithmetic on the two. Nothing
// is cut out of the tree, and no name of a class or id decides alone: names put a mask on a region, and a region
// that holds the page's prose throws its mask off.
package parser

import (
	"fmt"
	"strings"

	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Parse is pure: the same page gives the same article on any machine. A page that is too large, is not HTML or
// holds no article is a fault.Drop with the outcome TooLarge, NotHTML or NoText.
func Parse(in story.Page) (story.Article, error) {
	article, err := parse(in)
	if err != nil {
		if in.URL != "" {
			err = fmt.Errorf("parse %s: %w", in.URL, err)
		}
		return story.Article{}, err
	}
	return article, nil
}

func parse(in story.Page) (story.Article, error) {
	if in.Instead != "" {
		return standIn(in)
	}
	body, err := unpack(in.Body, in.ContentEncoding)
	if err != nil {
		return story.Article{}, err
	}
	text, _ := charset.Decode(body, in.ContentType)
	if err := requireHTML(text, in.ContentType); err != nil {
		return story.Article{}, err
	}
	names := newNames()
	doc, err := parseTree(strip(text, names))
	if err != nil {
		return story.Article{}, fault.Drop(story.NotHTML, err)
	}
	p := walk(doc.Nodes[0], names)
	return p.article(in)
}

// article puts together what the walk found.
func (p *page) article(in story.Page) (story.Article, error) {
	final := in.FinalURL
	if final == "" {
		final = in.URL
	}
	item := in.Item
	if item == nil {
		item = &story.Item{}
	}
	ld := readLinked(p.meta.jsonld)
	p.body = newLocator(plainBody(ld.body))
	p.mask()
	p.dating = p.howDated(weburl.Host(final))
	site := p.siteNames(in.Source.Name, ld.publisher, final)
	title, headline := p.headline(ld, item.Title, site)
	names, credits := p.authors(ld, in.Item, site, title, headline)

	full, summary := feedText(in.Item)
	best := p.steer(p.vote())
	pick := picker{page: p, title: fold(title), authors: names}
	pick.pick(p.regions[best], headline)
	descriptions := []string{fold(unescape(p.meta.first("og:description"))), fold(unescape(p.meta.first("description"))), fold(unescape(ld.description)), fold(summary)}
	pick.standfirst(headline, descriptions)

	a := story.Article{
		ID: in.ID, Visit: in.Visit, PageSeq: in.Seq, URL: in.URL, Source: in.Source, Authors: names,
		TextFrom: story.TextFromPage, FetchedAt: story.Instant(in.FetchedAt),
	}
	e := p.evidence(pick.keep, p.regions[best])
	walled := pick.wall(e.kept)
	e.live, e.list = pick.isUpdates(), pick.isTeasers()
	a.Title, a.Text = clean(title), clean(p.join(pick.keep))
	e.headline, e.linked, e.url = headline, ld, final
	if summary != "" {
		e.feed = overlap(fold(summary), fold(a.Text))
	}
	e.truncated = p.isTruncated(e, walled, a.Text)
	if (e.kept < 250 || e.truncated) && len(full) > 200 && len(full) > len(a.Text)*3/2 {
		a.Text, a.TextFrom = clean(full), story.TextFromFeed
		e.truncated = e.truncated && strings.HasSuffix(a.Text, "…")
	}
	if strings.TrimSpace(a.Text) == "" {
		return a, fault.Dropf(story.NoText, "no article text among %d blocks", len(p.blocks))
	}
	if a.Title == "" {
		a.Title = clean(squeeze(item.Title))
	}
	a.Published, a.Modified = p.dates(ld, headline, final, in.FetchedAt)
	if a.Published == nil && item.Published != nil && !item.Published.IsZero() {
		t := *item.Published
		a.Published = &t
	}
	a.Lang = p.language(a.Title, a.Text)
	canonical, foreign := p.canonical(final)
	a.CanonicalURL = canonical
	if tag := wireTag(a.Text); tag != "" {
		credits = appendCredit(credits, story.Credit{Kind: "wire", Name: tag})
	}
	credits = append(credits, foreign...)
	if item.SourceName != "" || item.SourceURL != "" {
		credits = append(credits, story.Credit{Kind: "feed_source", Name: clean(squeeze(item.SourceName)), URL: item.SourceURL})
	}
	a.Credits = append(credits, p.linkCredits(pick.keep, final)...)
	a.Image, a.ImageCredit = p.image(ld, headline, final)
	if a.Authors == nil {
		a.Authors = []string{}
	}
	for i := range a.Authors {
		a.Authors[i] = clean(a.Authors[i])
	}
	for i := range a.Credits {
		a.Credits[i].Name = clean(a.Credits[i].Name)
	}
	a.Source = fillSource(a.Source, final, site.name())
	a.Truncated, a.PageKind, a.Confidence = e.truncated, p.kind(e), e.confidence()
	if a.TextFrom == story.TextFromFeed {
		a.Confidence = feedConfidence // nothing was extracted: it is what the publisher sent, if seldom all of it
	}
	a.ContentHash = contentHash(a.Title, a.Text)
	return a, nil
}

package fetcher

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Discovery is what a person's address turned out to be.
type Discovery struct {
	Feeds []story.Feed // the feed itself, or those of a page, the page's own first; each was read
	Page  bool         // it is a web page
	List  []byte       // it is a feed list, in OPML
	// Failed are the page's links that were no feeds after all, and why.
	Failed map[string]string
}

// Discover finds the feeds of an address, which may be a feed, a sitemap, a web page or a list: what a page links to,
// else the places where feeds usually are up to the first that is one, else the sitemaps that its site's robots.txt
// names. The error says why there is none.
func (v *Visitor) Discover(ctx context.Context, rawURL string) (Discovery, error) {
	start, err := weburl.Normalize(rawURL)
	if err != nil {
		return Discovery{}, err
	}
	got, body, at := v.look(ctx, start)
	d := Discovery{Failed: map[string]string{}}
	switch {
	case bytes.Contains(bytes.ToLower(body[:min(len(body), 1024)]), []byte("<opml")):
		d.List = body
		return d, nil
	case got.doc != nil:
		d.Feeds = []story.Feed{v.feedFrom(start, *got.doc)}
		return d, nil
	case got.state != StateHTML:
		return d, errors.New(got.reason)
	}
	d.Page = true
	try := candidates(story.Feed{}, at, got)
	links := min(len(got.links), seekMost)
	for i, url := range try {
		if ctx.Err() != nil {
			return d, ctx.Err()
		}
		if i >= links && len(d.Feeds) > 0 {
			break // a guess is for want of a link
		}
		got, _, _ := v.look(ctx, url)
		switch {
		case got.doc != nil && got.state != StateEmpty:
			d.Feeds = append(d.Feeds, v.feedFrom(url, *got.doc))
		case i < links:
			d.Failed[url] = cmp.Or(got.reason, got.state)
		}
	}
	if len(d.Feeds) == 0 {
		return d, fmt.Errorf("it is a web page, and no feed was found by it: %d addresses were tried; look for one in a browser", len(try))
	}
	return d, nil
}

// look requests one address. body is nil for what is too large to be anything but a sitemap.
func (v *Visitor) look(ctx context.Context, url string) (got poll, body []byte, at string) {
	a := v.visit(ctx, kindFeed, story.Feed{}, web.Request{URL: url, Accept: acceptFeed, Cut: true})
	if a.resp == nil {
		return poll{verdict: a.verdict}, nil, a.url
	}
	defer a.resp.Close()
	if got = v.read(ctx, a.url, story.FeedState{}, a.resp, a.err, time.Now()); got.doc == nil {
		body, _ = a.resp.Decoded(maxDecoded, maxRatio) // what can be decoded is looked at
		body, _ = charset.DecodeXML(body, a.resp.Header.Get("Content-Type"))
	}
	return got, body, a.url
}

// feedFrom is a line of a feed list for a document.
func (v *Visitor) feedFrom(url string, doc feed.Document) story.Feed {
	f := story.Feed{ID: story.NewID(url), URL: url, Title: doc.Title, Lang: strings.ToLower(doc.Lang)}
	if doc.Format == FormatSitemap || doc.Format == FormatSitemaps {
		f.Kind = story.FeedSitemap
	}
	host := weburl.Host(url)
	if v.outlets != nil {
		f.Outlet, f.Country, _ = v.outlets(host)
	}
	f.Outlet = cmp.Or(f.Outlet, doc.Title, weburl.Site(host))
	return f
}

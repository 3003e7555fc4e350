package fetcher

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	acceptSitemap = "application/xml, text/xml, text/plain;q=0.8, */*;q=0.5"
	// maxSitemapDepth is how far indexes may nest. The protocol has one level; two occur.
	maxSitemapDepth = 3
	// maxSitemaps are read on one word of a person.
	maxSitemaps = 5000
)

// Walk is what somebody who walks through sitemaps is told.
type Walk struct {
	// Found gets every sitemap with pages, as it is read. Its error ends the walk.
	Found func(url string, doc sitemap.Document) error
	// Trouble gets every sitemap that could not be read, or only in part; the walk goes on.
	Trouble func(url string, err error)
	// Progress is told before each request how many sitemaps have been read and how many are known to be left; nil is
	// not told.
	Progress func(url string, read, left int)
}

// Walk reads a sitemap and all below it, those that changed last first, with the visitor's manners. A site's root
// stands for the sitemaps that its robots.txt names; a feed is read as a sitemap of what it lists.
func (v *Visitor) Walk(ctx context.Context, rawURL string, o sitemap.Options, w Walk) error {
	start, err := weburl.Normalize(rawURL)
	if err != nil {
		return err
	}
	if u, err := url.Parse(start); err == nil && u.Path == "/" && u.RawQuery == "" {
		start += "robots.txt"
	}
	type stop struct {
		url   string
		depth int
	}
	todo, been := []stop{{start, 0}}, map[string]bool{start: true}
	for read := 0; len(todo) > 0; read++ {
		at := todo[0]
		todo = todo[1:]
		if read >= maxSitemaps {
			return fmt.Errorf("%s: more than %d sitemaps: name some of them instead, or use --since", start, maxSitemaps)
		}
		if w.Progress != nil {
			w.Progress(at.url, read, len(todo)+1)
		}
		doc, err := v.Sitemap(ctx, at.url, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			w.Trouble(at.url, err)
			continue
		}
		if doc.Damage != "" {
			w.Trouble(at.url, errors.New(doc.Damage))
		}
		for _, p := range doc.Parts {
			switch {
			case been[p.URL]:
			case at.depth >= maxSitemapDepth:
				w.Trouble(p.URL, fmt.Errorf("not read: sitemaps are nested more than %d deep", maxSitemapDepth))
			default:
				been[p.URL] = true
				todo = append(todo, stop{p.URL, at.depth + 1})
			}
		}
		if !doc.Index {
			if err := w.Found(at.url, doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sitemap requests one sitemap.
func (v *Visitor) Sitemap(ctx context.Context, url string, o sitemap.Options) (sitemap.Document, error) {
	a := v.visit(ctx, kindSitemap, story.Feed{}, web.Request{URL: url, Accept: acceptSitemap, Cut: true})
	if a.resp != nil {
		defer a.resp.Close()
	}
	if a.outcome != "" {
		return sitemap.Document{}, errors.New(a.reason)
	}
	o.Base, o.ContentType, o.Now = a.url, a.resp.Header.Get("Content-Type"), time.Now()
	doc, err := sitemapOf(a.resp, o)
	if !errors.Is(err, sitemap.ErrNotSitemap) {
		return doc, err
	}
	body, bad := a.resp.Decoded(maxDecoded, maxRatio)
	if bad != nil {
		return doc, bad
	}
	text, _ := charset.DecodeXML(body, o.ContentType)
	list, bad := feed.Read(text, a.url, o.Now)
	switch {
	case errors.Is(bad, feed.ErrHTML):
		return doc, errors.New("a web page, not a sitemap: robots.txt of the site may name its sitemaps")
	case bad != nil:
		return doc, err
	}
	return pagesOf(list, o), nil
}

// sitemapOf reads an answer as a sitemap, without holding it decoded.
func sitemapOf(resp *web.Response, o sitemap.Options) (sitemap.Document, error) {
	body, err := resp.Reader()
	if err != nil {
		return sitemap.Document{}, err
	}
	defer body.Close()
	doc, err := sitemap.Read(body, o)
	if err == nil && resp.Truncated != nil {
		doc.Damage = strings.TrimSpace(doc.Damage + " " + resp.Truncated.Error())
	}
	return doc, err
}

// pagesOf are the items of a feed as pages of a sitemap: the protocol takes feeds for sitemaps too.
func pagesOf(list feed.Document, o sitemap.Options) sitemap.Document {
	doc := sitemap.Document{Listed: list.Listed, Newest: list.Newest, Damage: list.Damage}
	for _, it := range list.Items {
		at := dated(it.Item)
		switch {
		case it.URL == "":
			doc.Unusable++
		case o.Match != nil && !o.Match(it.URL):
			doc.Other++
		case !at.IsZero() && (at.Before(o.Since) || !o.Until.IsZero() && at.After(o.Until)):
			doc.Outside++
		default:
			p := sitemap.Page{URL: it.URL, Title: it.Title, Published: at, Keywords: it.Categories}
			doc.Pages = append(doc.Pages, p)
		}
	}
	return doc
}

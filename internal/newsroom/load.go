package newsroom

import (
	"strconv"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// The methods below answer for no load at all when g is nil.

func (g *generator) host(name string) *outlet {
	if g == nil {
		return nil
	}
	if i, ok := g.byHost[name]; ok {
		return g.outlets[i]
	}
	return nil
}

// furnished is a page with the furniture of its outlet, if that has any.
func (g *generator) furnished(o *outlet, page []byte) []byte {
	if g == nil {
		return page
	}
	return g.weight[o].around(page)
}

func (g *generator) list(n *Newsroom) []story.Feed {
	var list []story.Feed
	if g == nil {
		return nil
	}
	for h, o := range g.outlets {
		for page := range g.feedsOf(h) {
			list = append(list, n.describe(o, g.feed(o, page).url))
		}
	}
	return list
}

func (g *generator) expectations(n *Newsroom) []Expectation {
	if g == nil {
		return nil
	}
	all := make([]Expectation, g.count)
	pages := map[string]*feed{}
	for i := range all {
		a := g.article(i)
		page := pages[a.feeds[0].url]
		if page == nil {
			page = g.filled(i%len(g.outlets), i/len(g.outlets)/perFeed)
			pages[page.url] = page
		}
		a.feeds = []*feed{page}
		all[i] = n.expectation(a)
	}
	return all
}

func (g *generator) answer(n *Newsroom, o *outlet, url string) (reply, bool) {
	if g.host(o.host) != o {
		return reply{}, false
	}
	h, step := g.byHost[o.host], len(g.outlets)
	path := strings.TrimPrefix(url, "http://"+o.host+"/")
	if i, err := strconv.Atoi(path); err == nil && i >= 0 && i < g.count && i%step == h {
		return n.serveArticle(g.article(i), url), true
	}
	name, isFeed := strings.CutPrefix(strings.TrimSuffix(path, ".xml"), "feed/")
	page, err := strconv.Atoi(name)
	if !isFeed || err != nil || page < 1 || page > g.feedsOf(h) {
		return reply{}, false
	}
	f := g.filled(h, page-1)
	return n.feedDocument(f, "rss.xml", n.visible(f)), true
}

// filled is a feed of host number h with its articles.
func (g *generator) filled(h, page int) *feed {
	f := g.feed(g.outlets[h], page)
	for k := page * perFeed; k < (page+1)*perFeed && h+k*len(g.outlets) < g.count; k++ {
		f.items = append(f.items, g.article(h+k*len(g.outlets)))
	}
	return f
}

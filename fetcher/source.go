package fetcher

import (
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// source is the outlet behind a URL. The feed list's word counts where the page is the feed's own outlet's,
// then the outlet table's; an outlet nobody knows goes by its domain.
func (f *Fetcher) source(url string, feed story.Feed) story.Source {
	return sourceOf(url, feed, f.outlets)
}

func sourceOf(url string, feed story.Feed, outlets Outlets) story.Source {
	host := weburl.Host(url)
	site := weburl.Site(host)
	s := story.Source{ID: weburl.SourceID(host), Host: host}
	if site == weburl.Site(feed.Domain) || feed.Domain == "" && site == weburl.Site(weburl.Host(feed.URL)) {
		s.Name, s.Country = feed.Outlet, feed.Country
	}
	if outlets != nil && (s.Name == "" || s.Country == "") {
		if name, country, ok := outlets(host); ok {
			s.Name, s.Country = first(s.Name, name), first(s.Country, country)
		}
	}
	s.Name = first(s.Name, site)
	return s
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// feedOf is the feed of the list with the URL.
func (f *Fetcher) feedOf(url string) (story.Feed, bool) { return f.feed(story.NewID(url)) }

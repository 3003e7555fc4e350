package fetcher

import (
	"cmp"

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
		s.Name, s.Country, s.Trust = feed.Outlet, feed.Country, feed.Trust
	}
	if outlets != nil && (s.Name == "" || s.Country == "") {
		if name, country, ok := outlets(host); ok {
			s.Name, s.Country = cmp.Or(s.Name, name), cmp.Or(s.Country, country)
		}
	}
	s.Name = cmp.Or(s.Name, site)
	return s
}

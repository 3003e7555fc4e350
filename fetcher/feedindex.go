package fetcher

import (
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// feedIndex finds feeds of one version of the list. It points into the list, which may hold a hundred thousand.
type feedIndex struct {
	list   []story.Feed
	byID   map[story.ID]int32
	atHost map[string]int           // feeds by host token
	delay  map[string]time.Duration // the longest pause a feed asks for, by site
}

func newFeedIndex(list []story.Feed) feedIndex {
	x := feedIndex{list: list, byID: make(map[story.ID]int32, len(list)), atHost: map[string]int{}, delay: map[string]time.Duration{}}
	for i, feed := range list {
		x.byID[feed.ID] = int32(i) // a list is a file of megabytes at most
		if feed.Disabled == "" {
			x.atHost[weburl.HostToken(feed.URL)]++
		}
		if feed.Delay > 0 {
			for _, host := range []string{weburl.Host(feed.URL), feed.Domain} {
				if site := weburl.Site(host); site != "" {
					x.delay[site] = max(x.delay[site], feed.Delay)
				}
			}
		}
	}
	return x
}

// current is the index of the list in use, made anew after a reload.
func (f *Fetcher) current() feedIndex {
	list := f.feeds.Feeds()
	f.mu.Lock()
	defer f.mu.Unlock()
	same := f.index.byID != nil && len(list) == len(f.index.list) && (len(list) == 0 || &list[0] == &f.index.list[0])
	if !same {
		f.index = newFeedIndex(list)
	}
	return f.index
}

// feed is the feed of an id in the current list.
func (f *Fetcher) feed(id story.ID) (story.Feed, bool) {
	x := f.current()
	i, ok := x.byID[id]
	if !ok {
		return story.Feed{}, false
	}
	return x.list[i], true
}

// feedOf is the feed of the list with the URL.
func (f *Fetcher) feedOf(url string) (story.Feed, bool) { return f.feed(story.NewID(url)) }

// feedsAt is how many feeds of the current list live at the host of a URL, at least one.
func (f *Fetcher) feedsAt(url string) int { return max(1, f.current().atHost[weburl.HostToken(url)]) }

// delayAt is the pause between requests to the host of a URL: the configured one, or a longer one that the feed list
// asks for at its site.
func (f *Fetcher) delayAt(url string) time.Duration {
	x := f.current()
	if len(x.delay) == 0 {
		return f.cfg.HostDelay
	}
	return max(f.cfg.HostDelay, x.delay[weburl.Site(weburl.Host(url))])
}

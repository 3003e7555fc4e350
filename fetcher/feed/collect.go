package feed

import (
	"slices"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/spywire/spywire/internal/weburl"
)

// collector gathers the items of a document that is read in pieces, and keeps the newest.
type collector struct {
	base string
	now  time.Time

	doc    Document
	damage error // the first thing that was wrong with the document
	read   int   // items
	seen   map[string]bool
	list   []placed
	last   time.Time // the place of the latest item added
}

// placed is an item and its place in time: its date, or where it has none the place of its neighbour above it in the
// document, for feeds list newest first.
type placed struct {
	item Item
	at   time.Time
}

func newCollector(base string, now time.Time) *collector {
	return &collector{base: base, now: now, seen: map[string]bool{}, last: now}
}

// head takes what a feed says of itself.
func (c *collector) head(parsed *gofeed.Feed) {
	c.doc.Title, c.doc.Lang = clip(clean(parsed.Title), 300), clip(clean(parsed.Language), 35)
	c.doc.Format, c.doc.Hints = parsed.FeedType, hints(parsed)
	if link, err := weburl.Resolve(c.base, parsed.Link); err == nil && parsed.Link != "" {
		c.doc.Link = link
	}
}

// add takes the items of a piece.
func (c *collector) add(parsed *gofeed.Feed) {
	if c.doc.Format == "" {
		c.doc.Format = parsed.FeedType
	}
	for i, it := range parsed.Items {
		c.read++
		item := translateItem(it, c.base, c.now)
		item.SourceName, item.SourceURL = sourceOf(parsed.OriginalFeed(), i)
		key := item.URL + "\n" + item.Raw
		if key == "\n" || c.seen[key] {
			continue
		}
		c.seen[key] = true
		fit(&item.Item)
		if at := item.date(); !at.IsZero() {
			c.last = at
		}
		c.list = append(c.list, placed{item, c.last})
	}
	if len(c.list) > 2*MaxItems {
		c.cut()
	}
}

// cut keeps the newest items, in order.
func (c *collector) cut() {
	slices.SortStableFunc(c.list, func(a, b placed) int { return b.at.Compare(a.at) })
	clear(c.list[min(len(c.list), MaxItems):])
	c.list = c.list[:min(len(c.list), MaxItems)]
}

// document is what was gathered of a document that lists so many items.
func (c *collector) document(listed int) Document {
	c.cut()
	doc := c.doc
	doc.Listed = listed
	for _, p := range c.list {
		doc.Items = append(doc.Items, p.item)
		switch at := p.item.date(); {
		case at.IsZero():
			doc.Undated++
		case at.After(doc.Newest):
			doc.Newest = at
		}
	}
	return doc
}

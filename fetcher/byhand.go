package fetcher

import (
	"fmt"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// ByHand is the entry of a page that a person asks for, which waits behind all that feeds list, and its first entry in
// the ledger. item is what is known of the page, nil for nothing. With again it is fetched even if it was before; then
// the item, by which an edit is told, is left out.
func ByHand(rawURL string, item *story.Item, outlets Outlets, again bool, now time.Time) (story.Entry, story.LedgerEntry, error) {
	if scheme, _, ok := strings.Cut(rawURL, "://"); ok && !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return story.Entry{}, story.LedgerEntry{}, fmt.Errorf("%s is not fetched, want an address that begins with http:// or https://", scheme)
	}
	url, err := weburl.Normalize(rawURL)
	if err != nil {
		return story.Entry{}, story.LedgerEntry{}, err
	}
	if again {
		item = nil
	}
	e := story.Entry{
		ID: story.NewID(url), Visit: now.UnixMilli(), Priority: story.PriorityBackfill, URL: url, Listed: url,
		Source: sourceOf(url, story.Feed{}, outlets), Item: item, Revisit: again,
	}
	l := listing(e, now)
	l.Reason = "asked for by hand"
	return e, l, nil
}

// Fetched reports whether the host's ring of pages fetched last has a page.
func Fetched(host story.HostState, id story.ID) bool { return hasSeen(host.Seen, id) }

// ItemOf is what a sitemap says of a page, as a feed would; nil if it says nothing.
func ItemOf(p sitemap.Page) *story.Item {
	item := story.Item{Title: p.Title, Categories: p.Keywords, Lang: p.Lang}
	if !p.Published.IsZero() {
		item.Published = &p.Published
	}
	if !p.Modified.IsZero() {
		item.Updated = &p.Modified
	}
	if item.Title == "" && item.Lang == "" && item.Published == nil && item.Updated == nil {
		return nil
	}
	return &item
}

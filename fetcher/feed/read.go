// Package feed turns the bytes of an RSS, Atom, RDF or JSON feed into the items it lists, their URLs resolved and
// normalised, and the hints it gives about itself. What is broken is salvaged item by item.
package feed

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/spywire/spywire/internal/story"
)

// MaxItems are taken of one document, the newest first; the rest is counted.
const MaxItems = 200

// Errors of Read. An empty feed is no error.
var (
	ErrHTML    = errors.New("a web page stands where the feed should be")
	ErrNotFeed = errors.New("not an RSS, Atom or JSON feed")
	ErrBroken  = errors.New("the feed is broken beyond repair")
)

// Document is a feed as it was read.
type Document struct {
	Title   string
	Link    string
	Lang    string
	Format  string // rss, atom or json
	Items   []Item // at most MaxItems, newest first; those without a date keep their place in the document
	Listed  int    // items in the document
	Undated int    // of Items
	Newest  time.Time
	Hints   map[string]string // ttl, skipHours, skipDays, updatePeriod, updateFrequency, hub, self
	Damage  string            // what was wrong with the document although items came out of it
}

// Item is one entry of a feed. URL is normalised; it is empty if the feed gives none that can be requested,
// and then Raw is what it gave.
type Item struct {
	story.Item
	URL string
	Raw string
	// Publisher is the publication that a news sitemap names.
	Publisher string
}

// Read reads a document in UTF-8. base is the URL it came from, against which links are resolved; dates that
// lie more than a day after now are dropped as mistakes.
func Read(body []byte, base string, now time.Time) (Document, error) {
	body = trimJunk(body)
	if len(body) == 0 {
		return Document{}, fmt.Errorf("%w: it is empty", ErrNotFeed)
	}
	if body[0] == '{' {
		parsed, err := parse(body)
		if err != nil {
			return Document{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
		}
		return translate(parsed, base, now, len(parsed.Items)), nil
	}
	l, err := scan(body)
	switch {
	case err != nil:
		return Document{}, fmt.Errorf("%w: %w", ErrBroken, err)
	case l.root == "html" || looksHTML(body):
		return Document{}, ErrHTML
	case l.root != "rss" && l.root != "feed" && l.root != "rdf":
		return Document{}, fmt.Errorf("%w: it begins %q", ErrNotFeed, clip(string(body), 60))
	}
	whole := body
	if len(l.items) > maxRead {
		whole = l.document(body, l.items[:maxRead])
	}
	parsed, err := parse(whole)
	if err == nil && len(parsed.Items) >= min(len(l.items), maxRead) {
		return translate(parsed, base, now, max(len(l.items), len(parsed.Items))), nil
	}
	if err == nil {
		// The reader forgives tags that do not match, and swallows what stands between them.
		err = fmt.Errorf("tags do not match, %d of %d items can be read", len(parsed.Items), len(l.items))
	}
	return salvage(body, l, base, now, err)
}

// salvage reads the complete items of a document that does not read as a whole: first all of them with the
// head, then each by itself, so that one broken item costs only itself.
func salvage(body []byte, l layout, base string, now time.Time, cause error) (Document, error) {
	items := l.items[:min(len(l.items), maxRead)]
	if len(items) == 0 {
		return Document{}, fmt.Errorf("%w: %w", ErrBroken, cause)
	}
	parsed, err := parse(l.document(body, items))
	if err != nil || len(parsed.Items) < len(items) {
		parsed = nil
		for _, at := range items {
			one, err := parse(l.bare(body, at))
			if err != nil || len(one.Items) == 0 {
				continue
			}
			if parsed == nil {
				parsed = one
				continue
			}
			parsed.Items = append(parsed.Items, one.Items...)
			join(parsed, one)
		}
	}
	if parsed == nil || len(parsed.Items) == 0 {
		return Document{}, fmt.Errorf("%w: %w", ErrBroken, cause)
	}
	doc := translate(parsed, base, now, len(l.items))
	doc.Damage = fmt.Sprintf("%d items salvaged from broken XML: %v", len(parsed.Items), cause)
	return doc, nil
}

// parse is gofeed with its panics turned into errors: it reads what strangers send.
func parse(body []byte) (feed *gofeed.Feed, err error) {
	defer func() {
		if p := recover(); p != nil {
			feed, err = nil, fmt.Errorf("feed reader failed: %v", p)
		}
	}()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // the universal form loses <source>, ttl and skipHours
	return p.Parse(bytes.NewReader(body))
}

var (
	declaration = regexp.MustCompile(`^<\?xml[^>]*\?>`)
	rootStart   = regexp.MustCompile(`(?i)<(\?xml|rss|feed|rdf:rdf|html|!doctype)[\s>]`)
	jsonStart   = regexp.MustCompile(`^\s*\{`)
)

// trimJunk cuts off what stands before the document (blank lines, notices of the server's own script) and the
// XML declaration: the text is UTF-8 by now, whatever the declaration says.
func trimJunk(body []byte) []byte {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	if !jsonStart.Match(body[:min(len(body), 64)]) {
		if at := rootStart.FindIndex(body[:min(len(body), 4096)]); at != nil {
			body = body[at[0]:]
		}
	}
	if at := declaration.FindIndex(body[:min(len(body), 4096)]); at != nil {
		body = body[at[1]:]
	}
	return bytes.TrimLeft(body, " \t\r\n")
}

func looksHTML(body []byte) bool {
	head := strings.ToLower(string(body[:min(len(body), 512)]))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}

// newestFirst orders items by date; an item without one goes where its neighbour above it in the document
// goes, for feeds list newest first.
func newestFirst(items []Item, now time.Time) {
	type keyed struct {
		item Item
		at   time.Time
	}
	list, last := make([]keyed, len(items)), now
	for i, it := range items {
		switch {
		case it.Published != nil:
			last = *it.Published
		case it.Updated != nil:
			last = *it.Updated
		}
		list[i] = keyed{it, last}
	}
	sort.SliceStable(list, func(i, k int) bool { return list[i].at.After(list[k].at) })
	for i := range list {
		items[i] = list[i].item
	}
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

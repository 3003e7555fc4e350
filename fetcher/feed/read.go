// Package feed turns the bytes of an RSS, Atom, RDF or JSON feed into the items it lists, their URLs resolved and
// normalised, and the hints it gives about itself. What is broken is salvaged item by item.
package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
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
// lie more than a day after now are dropped as mistakes. It holds little more than the document and the items it
// returns: the reader below, which takes twenty times a document's memory, is given a large one in pieces.
func Read(body []byte, base string, now time.Time) (Document, error) {
	body = trimJunk(printable(body))
	if len(body) == 0 {
		return Document{}, fmt.Errorf("%w: it is empty", ErrNotFeed)
	}
	var l layout
	var err error
	if body[0] == '{' {
		if l, err = scanJSON(body); err != nil {
			return Document{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
		}
	} else {
		l, err = scan(body)
		switch {
		case err != nil:
			return Document{}, fmt.Errorf("%w: %w", ErrBroken, err)
		case l.root == "html" || looksHTML(body):
			return Document{}, ErrHTML
		case l.root != "rss" && l.root != "feed" && l.root != "rdf":
			return Document{}, fmt.Errorf("%w: it begins %q", ErrNotFeed, clip(string(body), 60))
		}
	}
	c := newCollector(base, now)
	if len(body) <= pieceBytes && l.count <= maxRead {
		parsed, err := parse(body)
		if err == nil && len(parsed.Items) >= l.count {
			c.head(parsed)
			c.add(parsed)
			return c.document(max(l.count, len(parsed.Items))), nil
		}
		if err != nil && l.json && l.count == 0 {
			return Document{}, fmt.Errorf("%w: %w", ErrNotFeed, err)
		}
		if err == nil {
			// The reader forgives tags that do not match, and swallows what stands between them.
			err = fmt.Errorf("tags do not match, %d of %d items can be read", len(parsed.Items), l.count)
		}
		c.damage = err
	}
	return c.pieces(body, l)
}

const (
	// pieceBytes of a document are read at once.
	pieceBytes = 512 << 10
	// itemMost is the largest item read: with pictures written into its text it may have hundreds of kilobytes.
	itemMost = 1 << 20
	// headMost is the largest head read, which is all before the first item.
	headMost = 1 << 20
)

// pieces reads the complete items of a document that is large, or does not read as a whole: some at a time, and one by
// one where that fails, so that a broken item costs only itself.
func (c *collector) pieces(body []byte, l layout) (Document, error) {
	if len(l.open) <= headMost {
		if parsed, err := parse(l.document(body, nil)); err == nil {
			c.head(parsed)
		}
	}
	for at := 0; at < len(l.items); {
		some, size := at, 0
		for ; some < len(l.items) && (some == at || size < pieceBytes); some++ {
			size += l.items[some][1] - l.items[some][0]
		}
		c.piece(body, l, l.items[at:some])
		at = some
	}
	switch {
	case c.read == 0 && (l.count > 0 || c.damage != nil):
		return Document{}, fmt.Errorf("%w: %w", ErrBroken, cmp.Or(c.damage, errors.New("no item can be read")))
	case c.read == 0 && c.doc.Format == "":
		return Document{}, fmt.Errorf("%w: its head cannot be read", ErrBroken)
	}
	doc := c.document(l.count)
	if c.damage != nil {
		doc.Damage = fmt.Sprintf("%d items salvaged from a broken document: %v", c.read, c.damage)
	}
	return doc, nil
}

func (c *collector) piece(body []byte, l layout, items [][2]int) {
	if len(items) > 1 {
		parsed, err := parse(l.bare(body, items))
		if err == nil && len(parsed.Items) == len(items) {
			c.add(parsed)
			return
		}
	}
	for _, at := range items {
		if at[1]-at[0] > itemMost {
			c.damage = cmp.Or(c.damage, fmt.Errorf("an item of %d bytes, more than are read", at[1]-at[0]))
			continue
		}
		one, err := parse(l.bare(body, [][2]int{at}))
		if err == nil && len(one.Items) == 0 {
			err = errors.New("an item cannot be read")
		}
		if err != nil {
			c.damage = cmp.Or(c.damage, err)
			continue
		}
		c.add(one)
	}
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

// printable is a document without the control characters that XML and JSON forbid (XML 1.0 section 2.2): one of them, out of
// a story that was pasted in, would cost the item, or all of them. A document without any is given back as it is.
func printable(body []byte) []byte {
	control := func(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }
	if bytes.Contains(body, []byte("&#")) {
		body = controlReference.ReplaceAll(body, []byte(" "))
	}
	if !slices.ContainsFunc(body, control) {
		return body
	}
	clean := bytes.Clone(body) // the body is the caller's
	for i, c := range clean {
		if control(c) {
			clean[i] = ' '
		}
	}
	return clean
}

var (
	controlReference = regexp.MustCompile(`&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));`)

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

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

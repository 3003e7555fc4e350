// Package sitemap turns sitemaps (sitemaps.org 0.9, with the news extension that Google defined), indexes of sitemaps and
// robots.txt files into the pages and further sitemaps they list. It reads a stream in constant memory, and salvages
// from broken and truncated documents what is whole.
package sitemap

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/net/html"
)

// The limits of one sitemap by its protocol. What is beyond them is left unread.
const (
	MaxURLs  = 50_000
	MaxBytes = 50 << 20 // decompressed
)

// ErrNotSitemap is returned for a document that is none.
var ErrNotSitemap = errors.New("not a sitemap")

// Options say what of a sitemap is wanted.
type Options struct {
	Base        string    // the URL it came from, against which its URLs are resolved
	ContentType string    // the header as sent, a hint for the charset
	Now         time.Time // dates that lie more than a day after it are dropped as mistakes
	Since       time.Time // pages dated before are counted and left out; zero takes all
	Until       time.Time // pages dated after likewise; zero takes all
	Undated     bool      // take pages without a date too; those with news tags always are
	Max         int       // pages, and parts, kept: the newest; 0 is MaxURLs
	// Match reports whether a page is wanted by its URL; nil wants all.
	Match func(url string) bool
}

// Document is a sitemap as it was read.
type Document struct {
	Pages    []Page // newest first, those without a date after them in the order of the document
	Parts    []Part // of an index: further sitemaps, in the same order
	Index    bool   // it is an index, or a robots.txt
	Listed   int    // pages or parts in the document
	Outside  int    // of Listed: dated outside of Since and Until
	Undated  int    // of Listed: without a date
	Other    int    // of Listed: not wanted by Match
	Over     int    // of Listed: wanted, but more than Max
	Unusable int    // of Listed: without an address that can be requested
	Newest   time.Time
	Damage   string // what was wrong with the document although something came out of it
}

// Page is an entry of a sitemap. URL is normalised.
type Page struct {
	URL       string
	Modified  time.Time // <lastmod>, zero if it has none
	News      bool      // it has news tags, which only pages of the last two days should
	Published time.Time // <news:publication_date>
	Title     string    // <news:title>
	Publisher string    // <news:name> of the publication
	Lang      string    // <news:language>
	Keywords  []string  // <news:keywords>
}

// Date is when the page was published, or else last modified.
func (p Page) Date() time.Time {
	if !p.Published.IsZero() {
		return p.Published
	}
	return p.Modified
}

// Part is a sitemap that an index, or a robots.txt, lists.
type Part struct {
	URL      string
	Modified time.Time
}

// Read reads a sitemap or an index of sitemaps: XML, or a text of one URL a line, gzipped or not. The error is
// ErrNotSitemap, or that of a document of which nothing can be read; a Document with Damage is no error.
func Read(from io.Reader, o Options) (Document, error) {
	in, head, err := open(from, o.ContentType)
	switch {
	case err != nil:
		return Document{}, err
	case isRobots(o.Base):
		return readRobots(in, o)
	case !rootOf.Match(head):
		return readText(in, head, o)
	}
	r := reader{z: html.NewTokenizer(in), keep: newKeeper(o)}
	// Raw tokens and our own unescaping: in HTML "&section=1" would read as "§ion=1".
	r.z.SetMaxBuf(maxToken)
	r.z.AllowCDATA(true)
	err = r.run()
	doc := r.keep.document(r.index)
	switch {
	case err != nil && doc.Listed == 0:
		return Document{}, fmt.Errorf("the sitemap is broken beyond repair: %w", err)
	case err != nil:
		doc.Damage = fmt.Sprintf("%d entries salvaged: %v", doc.Listed, err)
	case r.broken > 0:
		doc.Damage = fmt.Sprintf("%d entries are broken and were left out", r.broken)
	}
	return doc, nil
}

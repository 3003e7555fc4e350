// Package sitemap turns sitemaps (sitemaps.org 0.9, with the news extension that Google defined), indexes of sitemaps and
// robots.txt files into the pages and further sitemaps they list. It reads a stream in constant memory, and salvages
// from broken and truncated documents what is whole.
package sitemap

import (
	"bytes"
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

// maxToken is the longest tag or text taken, in bytes: a title and a URL are far shorter.
const maxToken = 64 << 10

// reader walks through the tags of a sitemap. It wants no well-formed document: an entry is what stands between its
// tags, wherever the rest is broken.
type reader struct {
	z        *html.Tokenizer
	keep     *keeper
	elements map[string]element // by name; nil before the root element
	index    bool
	closed   bool // the root's end was seen
	broken   int

	open  bool // in an entry
	page  Page
	at    string  // its <loc>
	field element // whose text is being read
	text  bytes.Buffer
}

// Errors of a document that ends, or must be left, before its end.
var (
	errCut  = errors.New("it ends in the middle")
	errMany = fmt.Errorf("more than %d entries, which is the most a sitemap may have", MaxURLs)
)

func (r *reader) run() error {
	for {
		switch r.z.Next() {
		case html.ErrorToken:
			err := r.z.Err()
			if errors.Is(err, html.ErrBufferExceeded) {
				return fmt.Errorf("a tag or text of more than %d bytes", maxToken)
			}
			if !errors.Is(err, io.EOF) {
				return err
			}
			if !r.closed {
				return errCut
			}
			return nil
		case html.TextToken:
			if r.field != other && r.text.Len() < maxToken {
				r.text.Write(textOf(r.z.Raw()))
			}
		case html.StartTagToken:
			if err := r.start(); err != nil {
				return err
			}
		case html.SelfClosingTagToken:
			if err := r.start(); err != nil {
				return err
			}
			r.closed = r.closed || r.keep.doc.Listed == 0 && !r.open // <urlset/>
			r.field = other
		case html.EndTagToken:
			r.end()
		}
	}
}

// element is what a tag is to us.
type element int

const (
	other element = iota
	root
	entry
	newsOf // the element around all of the extension's
	loc
	lastmod
	published
	title
	publisher
	lang
	keys
)

// elementsOf are the elements of a sitemap with the prefixes of one document, in lower case as the tokenizer gives them.
func elementsOf(kind, prefix, news string) map[string]element {
	inner := "url"
	if kind == "sitemapindex" {
		inner = "sitemap"
	}
	return map[string]element{
		prefix + kind: root, prefix + inner: entry, prefix + "loc": loc, prefix + "lastmod": lastmod, news + ":news": newsOf,
		news + ":publication_date": published, news + ":title": title, news + ":name": publisher, news + ":language": lang, news + ":keywords": keys,
	}
}

func (r *reader) start() error {
	raw, more := r.z.TagName()
	if r.elements == nil {
		prefix, local := split(string(raw))
		if local != "urlset" && local != "sitemapindex" {
			return nil // what a server's own script has put before it
		}
		news := "news"
		for more {
			var key, value []byte
			key, value, more = r.z.TagAttr()
			if ns, ok := bytes.CutPrefix(key, []byte("xmlns:")); ok && bytes.Contains(value, []byte("sitemap-news")) {
				news = string(ns)
			}
		}
		r.elements, r.index = elementsOf(local, prefix, news), local == "sitemapindex"
		return nil
	}
	switch e := r.elements[string(raw)]; e {
	case other, root:
	case entry:
		if r.open { // its end is missing
			r.finish(r.at != "")
		}
		if r.keep.doc.Listed >= MaxURLs {
			return errMany
		}
		r.open, r.page, r.at, r.field = true, Page{}, "", other
	case newsOf:
		r.page.News = true
	default:
		if r.open {
			r.field = e
			r.text.Reset()
		}
	}
	return nil
}

func (r *reader) end() {
	name, _ := r.z.TagName()
	switch e := r.elements[string(name)]; {
	case e == entry && r.open:
		r.finish(true)
	case e == root:
		r.closed = true
	case e != other && e == r.field:
		r.set(clean(r.text.Bytes()))
		r.field = other
	}
}

func (r *reader) set(value string) {
	switch r.field {
	case loc:
		r.at = value
	case lastmod:
		r.page.Modified = date(value, r.keep.o.Now)
	case published:
		r.page.Published = date(value, r.keep.o.Now)
	case title:
		r.page.Title = clip(value, 1000)
	case publisher:
		r.page.Publisher = clip(value, 200)
	case lang:
		r.page.Lang = language(value)
	case keys:
		r.page.Keywords = keywords(value)
	}
}

// finish ends an entry; one that is not whole is counted and left out.
func (r *reader) finish(whole bool) {
	r.open, r.field = false, other
	if !whole {
		r.broken++
		return
	}
	if r.index {
		r.keep.addPart(r.at, r.page.Modified)
		return
	}
	r.keep.add(r.at, r.page)
}

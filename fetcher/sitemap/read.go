package sitemap

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html"
)

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

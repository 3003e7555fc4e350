package newsroom

import (
	"bytes"
	"hash/crc32"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// view is what a site design may print.
type view struct {
	Outlet                                *shownOutlet
	Words                                 document
	Nav                                   []string
	Charset                               string // for <meta>, "" where the page does not declare it
	Title, URL, Canonical, Section, Slug  string
	Summary, Caption                      string
	Authors                               []string
	Published, Modified, Shown, ShownTime string // ISO 8601, ISO 8601, and as the reader sees it
	Blocks                                []block
	Teaser, Live, Index, Empty            bool
	Related, MostRead                     []link
	Comments                              []string
	JSONLD                                map[string]any
	Feed                                  string
	Number                                int
}

type shownOutlet struct{ Name, Tagline, Lang, Host, Country string }

type link struct{ Title, URL, Section string }

// page prints an article in its outlet's design and charset.
func (n *Newsroom) page(o *outlet, a *article) reply {
	v := n.view(o, a)
	var b bytes.Buffer
	if err := n.designs.ExecuteTemplate(&b, o.design+".html", v); err != nil {
		return reply{status: 500, kind: "text/plain; charset=utf-8", body: []byte(err.Error())} // a test renders every page
	}
	kind := "text/html"
	if o.declare == "header" {
		kind += "; charset=" + o.charset
	}
	return reply{status: 200, kind: kind, body: inCharset(n.load.furnished(o, b.Bytes()), o.charset)}
}

func (n *Newsroom) view(o *outlet, a *article) view {
	version := n.version(a) // once: a poll may bring the second one while this page is being printed
	current := a.versions[version]
	words := n.words[o.lang]
	published := n.opts.Base.Add(a.published).In(o.zone).Truncate(time.Minute)
	modified := n.opts.Base.Add(a.modified(version)).In(o.zone).Truncate(time.Minute)
	manner := a.serve[0]
	v := view{
		Outlet: &shownOutlet{o.name, o.tagline, o.lang, o.host, o.country}, Words: words, Nav: words.List("nav"), Title: current.title, URL: a.url,
		Canonical: a.url, Section: a.section, Slug: a.slug, Summary: a.lead(version), Caption: a.caption, Authors: a.authors,
		Published: published.Format(time.RFC3339), Modified: modified.Format(time.RFC3339),
		Shown: published.Format(or(words.Get("date"), "02.01.2006")), ShownTime: published.Format("15:04"),
		Blocks: a.shown(version), Teaser: manner == "teaser", Live: manner == "live", Index: manner == "index", Empty: manner == "empty",
		Comments: words.List("remarks"), Number: 100 + int(crc32.ChecksumIEEE([]byte(a.slug))%400),
	}
	if o.declare != "none" && manner != "undeclared" {
		v.Charset = o.charset
	}
	if a.canonical == "none" {
		v.Canonical = ""
	} else if of := o.bySlug(a.canonical); of != nil {
		v.Canonical = of.url
	}
	if len(o.feeds) > 0 {
		v.Feed = o.feeds[0].url
	}
	v.Related, v.MostRead = o.teasers(a)
	v.JSONLD = v.jsonLD()
	return v
}

// jsonLD is the NewsArticle that designs with structured data embed. A story without a name above it is by its
// publisher, as many sites claim: an organisation, not an author.
func (v view) jsonLD() map[string]any {
	publisher := map[string]any{"@type": "NewsMediaOrganization", "name": v.Outlet.Name, "url": "http://" + v.Outlet.Host + "/"}
	kind := "NewsArticle"
	if v.Live {
		kind = "LiveBlogPosting"
	}
	ld := map[string]any{
		"@context": "https://schema.org", "@type": kind, "headline": v.Title, "datePublished": v.Published, "dateModified": v.Modified,
		"publisher": publisher, "mainEntityOfPage": v.Canonical, "articleSection": v.Section, "inLanguage": v.Outlet.Lang,
		"isAccessibleForFree": !v.Teaser, "author": []any{publisher},
	}
	var authors []any
	for _, name := range v.Authors {
		authors = append(authors, map[string]any{"@type": "Person", "name": name})
	}
	if authors != nil {
		ld["author"] = authors
	}
	return ld
}

// inCharset writes what the charset lacks as numeric character references, as editors' systems do.
func inCharset(text []byte, charset string) []byte {
	if charset != "windows-1251" {
		return text
	}
	out, err := encoding.HTMLEscapeUnsupported(charmap.Windows1251.NewEncoder()).Bytes(text)
	if err != nil {
		return text
	}
	return out
}

// asset is the address of a picture or script that nobody will fetch.
func asset(host, name string) string { return "http://" + host + "/static/" + name }

package newsroom

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

// listing is what a feed's template prints.
type listing struct {
	Outlet  *shownOutlet
	URL     string
	Charset string // for the XML declaration, "" where it is left out
	Updated string
	TTL     int
	Cut     bool
	Items   []listed
}

type listed struct {
	Title, URL, GUID, Summary, Content, Section string
	RFC1123, RFC3339, Updated                   string // "" in undated feeds
	Authors                                     []string
	SourceName, SourceURL                       string // of an item that another outlet published
}

// serveFeed answers for a feed, counting conditional requests, by which edited articles change.
func (n *Newsroom) serveFeed(f *feed, r *http.Request) reply {
	if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
		n.mu.Lock()
		n.conditional[f.url]++
		n.mu.Unlock()
	}
	template := "rss.xml"
	switch f.kind {
	case "moved":
		return moved(http.StatusMovedPermanently, f.to)
	case "gone":
		return n.errorPage(f.outlet, http.StatusGone)
	case "html":
		return n.page(f.outlet, f.outlet.front())
	case "busy":
		if n.count(f.url) == 1 {
			answer := plain(http.StatusServiceUnavailable)
			answer.header = map[string]string{"Retry-After": "1"}
			return answer
		}
	case "atom", "rdf":
		template = f.kind + ".xml"
	}
	return n.feedDocument(f, template, n.visible(f))
}

func (n *Newsroom) feedDocument(f *feed, template string, items []*article) reply {
	o := f.outlet
	l := listing{Outlet: &shownOutlet{o.name, o.tagline, o.lang, o.host, o.country}, URL: f.url, TTL: f.ttl, Cut: f.kind == "cut"}
	if o.charset == "utf-8" || o.declare != "none" {
		l.Charset = o.charset
	}
	newest := n.opts.Base.Add(-48 * time.Hour)
	for _, a := range items {
		if at := n.opts.Base.Add(a.modified(n.version(a))); at.After(newest) {
			newest = at
		}
		l.Items = append(l.Items, n.item(f, a))
	}
	l.Updated = newest.In(o.zone).Format(time.RFC3339)
	var b bytes.Buffer
	if err := n.feeds.ExecuteTemplate(&b, template, l); err != nil {
		return reply{status: 500, kind: "text/plain; charset=utf-8", body: []byte(err.Error())}
	}
	kind := map[string]string{"atom.xml": "application/atom+xml", "rdf.xml": "application/rdf+xml", "rss.xml": "application/rss+xml"}[template]
	if o.declare == "header" {
		kind += "; charset=" + o.charset
	}
	return reply{status: 200, kind: kind, body: inCharset(b.Bytes(), o.charset), stamped: newest.Unix()}
}

func (n *Newsroom) item(f *feed, a *article) listed {
	version := n.version(a)
	i := listed{
		Title: a.versions[version].title, URL: a.listed, GUID: a.outlet.dir + ":" + a.slug, Summary: a.lead(version), Section: a.section, Authors: a.authors,
	}
	if f.track != "" {
		join := "?"
		if strings.Contains(i.URL, "?") {
			join = "&"
		}
		i.URL += join + f.track
	}
	if !f.undated {
		at := n.opts.Base.Add(a.published).In(a.outlet.zone).Truncate(time.Minute)
		i.RFC1123, i.RFC3339 = at.Format(time.RFC1123Z), at.Format(time.RFC3339)
		i.Updated = n.opts.Base.Add(a.modified(version)).In(a.outlet.zone).Truncate(time.Minute).Format(time.RFC3339)
	}
	if f.full {
		var b strings.Builder
		for _, block := range a.shown(version) {
			fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(block.Text))
		}
		i.Content = b.String()
	}
	if a.outlet != f.outlet {
		i.SourceName = a.outlet.name
		i.SourceURL = "http://" + a.outlet.host + "/"
	}
	return i
}

func xmlText(s string) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

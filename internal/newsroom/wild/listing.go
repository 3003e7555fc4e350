package wild

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

// listing serves a feed with both validators, as most do.
func listing(f *Feed) handler {
	return func(x *exchange) { x.listing(rss(f), tagOf(rss(f)), f.stamp(), "application/rss+xml; charset=utf-8") }
}

// listing answers with a document, or with 304 to who has it: If-None-Match goes before If-Modified-Since (RFC 9110
// section 13.2.2). Empty validators are not sent.
func (x *exchange) listing(body, tag, stamp, kind string, header ...string) {
	if tag != "" {
		header = append(header, "ETag: "+tag)
	}
	if stamp != "" {
		header = append(header, "Last-Modified: "+stamp)
	}
	match, since := x.line.IfNoneMatch, x.line.IfModifiedSince
	if match != "" && match == tag || match == "" && since != "" && since == stamp {
		x.send(http.StatusNotModified, kind, "", header...)
		return
	}
	x.send(200, kind, body, header...)
}

// stamp is when the newest item was published.
func (f *Feed) stamp() string {
	var newest time.Time
	for _, a := range f.items {
		if a.published.After(newest) {
			newest = a.published
		}
	}
	return newest.UTC().Format(http.TimeFormat)
}

// rss is the feed as RSS 2.0.
func rss(f *Feed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>"+
		"<title>%s</title><link>%s</link><description>all of it</description>\n", html.EscapeString(f.Title), f.URL)
	for _, a := range f.items {
		b.WriteString(item(a))
	}
	b.WriteString("</channel></rss>\n")
	return b.String()
}

func item(a *Article) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s</guid><description>%s</description>",
		html.EscapeString(a.Title), html.EscapeString(a.Link), html.EscapeString(a.guid), html.EscapeString(a.summary))
	if a.content != "" {
		fmt.Fprintf(&b, "<content:encoded><![CDATA[%s]]></content:encoded>", a.content)
	}
	if !a.published.IsZero() {
		fmt.Fprintf(&b, "<pubDate>%s</pubDate>", a.published.UTC().Format(time.RFC1123Z))
	}
	b.WriteString("</item>\n")
	return b.String()
}

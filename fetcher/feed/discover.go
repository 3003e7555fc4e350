package feed

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/spywire/spywire/internal/weburl"
)

// maxLinks are taken of a page, and maxPage bytes of it read.
const (
	maxLinks = 20
	maxPage  = 1 << 20
)

// Discover lists the feeds that a web page names, resolved against the page's base, each once: first those of its
// <link rel="alternate"> in the order of the page (the first is the one browsers and readers take), then links in its text
// that look like feeds of the same site. A <link> in the body counts only where the head has none: there it may be a
// reader's. Feeds of comments are left out.
func Discover(page []byte, base string) []string {
	var links, late, anchors []string
	inBody := false
	z := html.NewTokenizer(bytes.NewReader(page[:min(len(page), maxPage)]))
	z.SetMaxBuf(maxPage)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(links) == 0 {
				links = late
			}
			return distinct(links, anchors)
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch string(name) {
			case "link", "a", "base":
			case "body":
				inBody = true
				continue
			default:
				continue
			}
			attrs := map[string]string{}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				attrs[string(key)] = string(value)
			}
			at, err := weburl.Resolve(base, attrs["href"])
			if err != nil || attrs["href"] == "" {
				continue
			}
			switch string(name) {
			case "base":
				base = at
			case "link":
				switch {
				case !isAlternate(attrs) || isComments(at, attrs["title"]):
				case inBody:
					late = append(late, at)
				default:
					links = append(links, at)
				}
			case "a":
				if feedPath(at) && weburl.SameSite(at, base) && !isComments(at, attrs["title"]) {
					anchors = append(anchors, at)
				}
			}
		}
	}
}

func distinct(lists ...[]string) (out []string) {
	for _, list := range lists {
		for _, url := range list {
			if !slices.Contains(out, url) && len(out) < maxLinks {
				out = append(out, url)
			}
		}
	}
	return out
}

// isAlternate reports whether a <link> is to a feed.
func isAlternate(attrs map[string]string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(attrs["type"]), ";")
	switch strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/rss", "application/atom", "text/rss+xml", "text/atom+xml":
	default:
		return false
	}
	rel := strings.Fields(strings.ToLower(attrs["rel"]))
	return slices.Contains(rel, "alternate") || slices.Contains(rel, "feed")
}

// commentWords begin the title of a feed of comments in the languages of common blog software.
var commentWords = []string{"comment", "komment", "coment", "коммент", "комент", "yorum", "reacties", "تعليق", "评论", "コメント"}

func isComments(rawURL, title string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return true
	}
	path := strings.ToLower(u.Path + "?" + u.RawQuery)
	if strings.Contains(path, "/comments") || strings.Contains(path, "feed=comments") || strings.Contains(path, "comments.xml") {
		return true
	}
	title = strings.ToLower(title)
	return slices.ContainsFunc(commentWords, func(w string) bool { return strings.Contains(title, w) })
}

// feedPath reports whether an address looks like that of a feed.
func feedPath(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	path := strings.TrimSuffix(strings.ToLower(u.Path), "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch last {
	case "rss", "feed", "atom", "rss.xml", "feed.xml", "atom.xml", "index.rdf", "index.xml", "feed.json":
		return true
	}
	return strings.HasSuffix(last, ".rss") || strings.HasSuffix(last, ".atom")
}

// Guesses are where sites keep their feed without saying so, likeliest first.
func Guesses(page string) (out []string) {
	for _, path := range []string{"/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml"} {
		if at, err := weburl.Resolve(page, path); err == nil {
			out = append(out, at)
		}
	}
	return out
}

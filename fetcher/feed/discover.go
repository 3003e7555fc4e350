package feed

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"github.com/spywire/spywire/internal/weburl"
)

// Discover lists the feeds that a web page links to (<link rel="alternate"> with a feed's type), resolved
// against base, in the order of the page.
func Discover(page []byte, base string) []string {
	var found []string
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) == "body" {
				return found
			}
			if string(name) != "link" {
				continue
			}
			attrs := map[string]string{}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				attrs[string(key)] = string(value)
			}
			kind := strings.ToLower(attrs["type"])
			if !strings.Contains(strings.ToLower(attrs["rel"]), "alternate") ||
				!strings.Contains(kind, "rss+xml") && !strings.Contains(kind, "atom+xml") && !strings.Contains(kind, "feed+json") {
				continue
			}
			if url, err := weburl.Resolve(base, attrs["href"]); err == nil {
				found = append(found, url)
			}
		}
	}
}

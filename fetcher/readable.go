package fetcher

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
)

// notWanted leaves unread what announces itself as no page: a film would cost megabytes to be thrown away.
func notWanted(status int, h http.Header) bool {
	if status/100 != 2 {
		return false
	}
	kind := mediaType(h)
	for _, prefix := range []string{"image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/msword",
		"application/vnd.", "application/x-shockwave", "application/gzip"} {
		if strings.HasPrefix(kind, prefix) && !strings.HasSuffix(kind, "+xml") {
			return true
		}
	}
	return false
}

// mediaType is the type alone, also of a header whose parameters are malformed.
func mediaType(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// readable decides whether a 2xx answer is a page. What the server says counts, unless it says nothing: then the
// first bytes do. On the last try a page that was cut short is better than none.
func readable(resp *web.Response, last bool) verdict {
	kind := mediaType(resp.Header)
	switch kind {
	case "text/html", "application/xhtml+xml":
	case "", "text/plain", "application/octet-stream", "text/xml", "application/xml", "application/x-unknown":
		body := resp.Head(headBytes)
		if guess := http.DetectContentType(body); len(body) > 0 && !strings.HasPrefix(guess, "text/html") && !looksXHTML(body) {
			return verdict{outcome: story.NotHTML, reason: fmt.Sprintf("not a page: sent as %q and looks like %s", kind, guess)}
		}
	default:
		return verdict{outcome: story.NotHTML, reason: fmt.Sprintf("not a page: Content-Type %s", kind)}
	}
	if len(resp.Body) == 0 {
		return verdict{outcome: story.NoText, reason: "the page is empty", retry: true}
	}
	if resp.Truncated != nil && !whole(resp) && (!last || resp.Encoding() != "") {
		kind := web.Of(resp.Truncated)
		return verdict{outcome: story.FetchFailed, reason: resp.Truncated.Error(), retry: true, penalty: kind == web.Slow || kind == web.Timeout}
	}
	return verdict{}
}

func looksXHTML(body []byte) bool {
	head := strings.ToLower(string(body[:min(len(body), 1024)]))
	return strings.Contains(head, "<html")
}

// whole reports whether a body that ended early is complete after all: servers announce wrong lengths, and a
// compressed body knows its own end.
func whole(resp *web.Response) bool {
	if resp.Encoding() == "" {
		tail := strings.ToLower(string(resp.Body[max(0, len(resp.Body)-64):]))
		return strings.Contains(tail, "</html>")
	}
	return resp.Intact(64 << 20)
}

// headBytes are looked at to tell what a body is.
const headBytes = 4 << 10

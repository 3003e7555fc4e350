package wild

import (
	"strings"

	"github.com/spywire/spywire/internal/story"
)

func pageKinds() []Kind {
	sent := func(kind string, body func(a *Article) string, header ...string) func(*Host) {
		return func(h *Host) {
			h.pages(func(a *Article) handler {
				return func(x *exchange) { x.send(200, kind, body(a), header...) }
			})
		}
	}
	own := func(a *Article) string { return a.Body }
	ending := func(build func(*Host), outcome story.Outcome, also ...story.Outcome) func(*Host) {
		return func(h *Host) { build(h); h.ends(outcome, also...) }
	}
	return []Kind{
		{"picture", "links lead to pictures", "they end as not_html", 1, ending(sent("image/jpeg", func(*Article) string { return "\xff\xd8\xff" + strings.Repeat("x", 2_000_000) }), story.NotHTML)},
		{"paper-copy", "links lead to PDF documents", "they end as not_html", 1, ending(sent("application/pdf", func(*Article) string { return "%PDF-1.4\n" }), story.NotHTML)},
		{"interface", "links lead to JSON", "they end as not_html", 1, ending(sent("application/json", func(*Article) string { return "{\"a\":1}" }), story.NotHTML)},
		{"plain-type", "pages are sent as text/plain", "they are pages", 1, sent("text/plain", own)},
		{"no-type", "pages are sent without a Content-Type", "they are pages", 1, sent("", own)},
		{"binary-type", "pages are sent as application/octet-stream", "they are pages", 1, sent("application/octet-stream", own)},
		{"xhtml", "pages are sent as application/xhtml+xml", "they are pages", 1, sent("application/xhtml+xml", own)},
		{"broken-type", "the Content-Type is malformed", "they are pages", 1, sent("text/html; charset=; ;;", own)},
		{"false-coding", "pages say gzip and are not", "they arrive as they are", 1, sent("text/html", own, "Content-Encoding: gzip")},
		{"strange-coding", "pages come in a coding nobody asked for", "they end without harm", 1, ending(sent("text/html", own, "Content-Encoding: sdch"), story.FetchFailed, Arrives, story.NotHTML)},
		{"void", "pages are empty", "they are tried again, then end as no_text", 1, ending(sent("text/html", func(*Article) string { return "" }), story.NoText)},
		{"long-page", "pages are 10 MB", "they end as too_large", 1, ending(sent("text/html", func(a *Article) string { return a.Body + strings.Repeat("<p>and so on</p>\n", 600_000) }), story.TooLarge)},
		{"flood", "pages never end", "they end as too_large", 1, func(h *Host) {
			h.pages(func(a *Article) handler {
				return func(x *exchange) {
					x.w.Header().Set("Content-Type", "text/html")
					for piece := []byte(strings.Repeat("<p>and so on</p>\n", 1000)); ; {
						if _, err := x.w.Write(piece); err != nil {
							return
						}
					}
				}
			})
			h.ends(story.TooLarge)
		}},
		{"bomb", "pages are 30 KB of gzip that unpack to 30 MB", "nothing is unpacked for good: they end, or go on as they are", 1, func(h *Host) {
			packed := pack("gzip", "<html><body>"+strings.Repeat("<p>0000000000000000000000000000000000000000000000000</p>", 550_000))
			h.pages(func(*Article) handler {
				return func(x *exchange) { x.send(200, "text/html", packed, "Content-Encoding: gzip") }
			})
			h.ends(story.TooLarge, Arrives)
		}},
		{"brotli", "pages come in brotli", "they arrive", 1, func(h *Host) {
			h.pages(func(a *Article) handler { return coded("text/html", "br", a.Body) })
		}},
		{"zstandard", "pages come in zstd", "they arrive", 1, func(h *Host) {
			h.pages(func(a *Article) handler { return coded("text/html", "zstd", a.Body) })
		}},
	}
}

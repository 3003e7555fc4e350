package wild

import (
	"fmt"
	"strings"
	"time"
)

func cacheKinds() []Kind {
	// valid serves the feed with such validators and header lines.
	valid := func(tag func(body string) string, stamp string, header ...string) func(*Host) {
		return func(h *Host) {
			f := h.Feeds[0]
			h.feeds(func(x *exchange) {
				at := stamp
				if at == "newest" {
					at = f.stamp()
				}
				x.listing(rss(f), tag(rss(f)), at, "application/rss+xml", header...)
			})
		}
	}
	none := func(string) string { return "" }
	written := func(tag string) func(string) string { return func(string) string { return tag } }
	return []Kind{
		{"tag-only", "the feed has an ETag alone", "it comes back exactly", 3, valid(tagOf, "")},
		{"date-only", "the feed has a Last-Modified alone", "it comes back exactly", 3, valid(none, "newest")},
		{"weak-tag", "the ETag is weak", "it comes back exactly", 1, valid(func(b string) string { return "W/" + tagOf(b) }, "newest")},
		{"odd-tag", "the ETag has no quotes, and blanks, commas and semicolons", "it comes back exactly", 1, valid(written("rev=7; a,b  \\c"), "")},
		{"bare-weak-tag", "the ETag is W/ without quotes", "it comes back exactly", 1, valid(written("W/0a-1"), "newest")},
		{"coding-tag", "the ETag has a coding's name in it", "it comes back exactly", 1, valid(func(b string) string { return strings.TrimSuffix(tagOf(b), "\"") + "-gzip\"" }, "newest")},
		{"odd-date", "Last-Modified is no HTTP date", "it comes back exactly", 1, valid(none, "2026-11-26 08:00:00 +0300")},
		{"never-304", "the feed answers 200 to its own ETag", "bytes that are known are not read again", 2, func(h *Host) {
			f := h.Feeds[0]
			h.feeds(func(x *exchange) { x.send(200, xmlKind, rss(f), "ETag: "+tagOf(rss(f))) })
		}},
		{"new-tags", "every answer has another ETag", "the last one comes back", 1, func(h *Host) {
			f := h.Feeds[0]
			h.feeds(func(x *exchange) { x.send(200, xmlKind, rss(f), fmt.Sprintf("ETag: \"%d\"", time.Now().UnixNano())) })
		}},
		{"no-validators", "the feed has neither", "bytes that are known are not read again", 2, valid(none, "")},
		{"fresh", "the feed is fresh for 9 seconds by max-age", "it is not asked for before", 3, valid(tagOf, "", "Cache-Control: public, max-age=9")},
		{"long-fresh", "the feed is fresh for 40 seconds by max-age", "it is not asked for before", 2, valid(tagOf, "", "Cache-Control: max-age=40")},
		{"fresh-unvalidated", "the feed is fresh for 9 seconds and has no validators", "it is not asked for before", 1, valid(none, "", "Cache-Control: max-age=9")},
		{"silly-fresh", "max-age is no number", "it counts for nothing", 1, valid(tagOf, "", "Cache-Control: max-age=soon")},
		{"unasked-304", "the feed answers 304 to who has nothing", "its state says so", 1, func(h *Host) {
			h.feeds(func(x *exchange) { x.w.WriteHeader(304) })
			h.unlisted("http_error")
		}},
	}
}

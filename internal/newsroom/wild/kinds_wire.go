package wild

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// spoken writes a raw answer that has the whole page.
func spoken(make func(a *Article) string) func(*Host) {
	return func(h *Host) {
		h.pages(func(a *Article) handler {
			return func(x *exchange) {
				h.whole(x.line)
				text(make(a))(x)
			}
		})
	}
}

// few leaves the host so many articles: each costs its host a time-out at every try.
func (h *Host) few(n int) {
	h.Articles, h.Feeds[0].items = h.Articles[:n], h.Feeds[0].items[:n]
}

func wireKinds() []Kind {
	const htmlHead = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	failing := func(answer handler, also ...story.Outcome) func(*Host) {
		return func(h *Host) {
			h.few(1)
			h.pages(func(*Article) handler { return answer })
			h.ends(story.FetchFailed, also...)
		}
	}
	reset := func(x *exchange) {
		x.raw(func(c net.Conn) {
			_, _ = c.Write([]byte(htmlHead + "Content-Length: 5000\r\n\r\n<html><p>half of")) // half is what is meant
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // so that the close is a reset
			}
		})
	}
	return []Kind{
		{"old-server", "the server speaks HTTP/1.0 and closes", "pages arrive", 2, spoken(func(a *Article) string { return "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + a.Body })},
		{"closer", "the server closes connections that it said it would keep", "pages arrive, none is asked for twice", 2, spoken(func(a *Article) string {
			return fmt.Sprintf("%sContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%s", htmlHead, len(a.Body), a.Body)
		})},
		{"too-long-a-length", "Content-Length announces more than comes", "the page that is there arrives", 1, spoken(func(a *Article) string {
			return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", htmlHead, len(a.Body)+700, a.Body)
		})},
		{"hints", "early hints come a few times before the answer", "pages arrive", 1, spoken(func(a *Article) string {
			return strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n", 3) + fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", htmlHead, len(a.Body), a.Body)
		})},
		{"endless-hints", "early hints never end", "the pages end as fetch_failed", 1, failing(slowly("", strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 50), time.Millisecond))},
		{"chunk-error", "the first answer for each page breaks its chunks, later ones are whole", "pages arrive", 1, func(h *Host) {
			h.few(3)
			h.pages(func(a *Article) handler {
				return first(1, text(htmlHead+"Transfer-Encoding: chunked\r\n\r\n10\r\n<html><p>sixteen\r\nzzz\r\n"), page(a))
			})
		}},
		{"resetter", "the first answer for each page is reset half-way, later ones are whole", "pages arrive", 2, func(h *Host) {
			h.few(3)
			h.pages(func(a *Article) handler { return first(1, reset, page(a)) })
		}},
		{"always-reset", "every answer is reset half-way", "the page ends as fetch_failed, or half of it is passed on at last", 1, failing(reset, Arrives)},
		{"hang-up", "the connection is closed without an answer", "the page ends as fetch_failed", 1, failing(text(""))},
		{"no-http", "the answer is no HTTP", "the page ends as fetch_failed", 1, failing(text("SSH-2.0-OpenSSH_9.6\r\n"))},
		{"split", "the header has a line that is none", "the page ends as fetch_failed", 1, failing(text("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nno colon here\r\n\r\n<html>"))},
		{"two-lengths", "two Content-Length lines differ", "the page ends as fetch_failed", 1, failing(text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n<html>abcd"))},
		{"long-header", "the header is 200 KB", "the page ends as fetch_failed", 1, failing(text(htmlHead+"X-Long: "+strings.Repeat("x", 200_000)+"\r\n\r\n<html>"), story.TooLarge)},
		{"endless-header", "the header never ends", "the page ends as fetch_failed", 1, failing(slowly(htmlHead, strings.Repeat("X-More: and more\r\n", 100), time.Millisecond), story.TooLarge)},
		{"slow-header", "the header comes a byte at a time", "the page ends as fetch_failed", 1, failing(slowly("HTTP/1.1 200 OK\r\nX-Slow: ", "x", 200*time.Millisecond))},
		{"drip", "the body comes a few bytes at a time", "the page ends as fetch_failed, or what came is passed on at last", 1,
			failing(slowly(htmlHead+"\r\n<html><body>", "<p>", 200*time.Millisecond), Arrives)},
		{"silent", "pages never answer", "they end as fetch_failed", 1, failing(never)},
		{"drip-feed", "the feed comes a few bytes at a time", "its state says so", 1, func(h *Host) {
			h.feeds(slowly("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss><channel>", "<", 200*time.Millisecond))
			h.unlisted("timeout", "bad_xml")
		}},
		{"silent-feed", "the feed never answers", "its state says so", 1, func(h *Host) {
			h.feeds(never)
			h.unlisted("timeout")
		}},
		{"dead", "the host refuses connections", "its state says so", 2, func(h *Host) {
			h.refused = true
			h.unlisted("refused")
		}},
		{"nameless", "the host's name cannot be resolved", "its state says so", 1, func(h *Host) {
			h.Feeds = h.Feeds[:0]
			h.Name = strings.Repeat("n", 64) + ".example" // a label longer than DNS has: no resolver is asked
			h.feed("/feed.xml", "dns")
			h.Articles = nil
		}},
		{"bad-certificate", "the certificate has run out and nobody signed it", "its state says so", 2, func(h *Host) {
			h.secure = true
			h.Feeds = h.Feeds[:0]
			h.feed("/feed.xml", "tls")
			h.Articles = nil
		}},
	}
}

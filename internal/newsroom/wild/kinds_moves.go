package wild

import (
	"fmt"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// at serves a feed at a further path of a host.
func (h *Host) at(path string, f *Feed) {
	h.on(path, listing(f))
	h.feedPaths = append(h.feedPaths, path)
}

func moveKinds() []Kind {
	moved := func(code int) func(*Host) {
		return func(h *Host) {
			h.at("/new.xml", h.Feeds[0])
			h.feeds(redirect(code, "/new.xml"))
			h.Feeds[0].States = []string{"moved"}
		}
	}
	// chain has every page behind so many redirects within the host.
	chain := func(hops, code int) func(*Host) {
		return func(h *Host) {
			h.Articles, h.Feeds[0].items = h.Articles[:1], h.Feeds[0].items[:1]
			a := h.Articles[0]
			h.on(a.path, redirect(code, "/hop/1"))
			for i := 1; i < hops; i++ {
				h.on(fmt.Sprintf("/hop/%d", i), redirect(code, fmt.Sprintf("/hop/%d", i+1)))
			}
			h.on(fmt.Sprintf("/hop/%d", hops), page(a))
		}
	}
	return []Kind{
		{"moved-feed", "the feed answers 301", "the new address takes its place once that was seen often and long enough; the old one is never asked again", 2, moved(301)},
		{"moved-feed-308", "the feed answers 308", "likewise", 1, moved(308)},
		{"moved-away", "the feed answers 301 to another host, by way of a 302 there", "it is followed, that host's robots.txt first", 1, func(h *Host) {
			other := h.beside("away")
			other.on("/feed.xml", redirect(302, "/feed/2.xml"))
			other.at("/feed/2.xml", h.Feeds[0])
			h.feeds(redirect(301, other.url("/feed.xml")))
			h.Feeds[0].States = []string{"moved"}
		}},
		{"lent-feed", "the feed answers 302", "the old address stays", 1, func(h *Host) {
			h.at("/lent.xml", h.Feeds[0])
			h.feeds(redirect(302, "/lent.xml"))
		}},
		{"lent-feed-307", "the feed answers 307 to another host", "the old address stays", 1, func(h *Host) {
			other := h.beside("lender")
			other.at("/lent.xml", h.Feeds[0])
			h.feeds(redirect(307, other.url("/lent.xml")))
		}},
		{"circular-feed", "the feed redirects in a circle of two", "its state says so after ten", 1, func(h *Host) {
			h.feeds(redirect(302, "/b.xml"))
			h.on("/b.xml", redirect(302, "/feed.xml"))
			h.unlisted("http_error", "")
		}},
		{"self-feed", "the feed redirects to itself", "its state says so", 1, func(h *Host) {
			h.feeds(redirect(301, "/feed.xml"))
			h.unlisted("http_error")
		}},
		{"shut-move", "the feed moved to a path that robots.txt closes", "it is not followed", 1, func(h *Host) {
			h.rules.Closed = []string{"/private/"}
			h.feeds(redirect(301, "/private/feed.xml"))
			h.unlisted("robots")
		}},
		{"moved-pages", "pages answer 301 within the host", "they arrive under the listed address", 2, func(h *Host) {
			for _, a := range h.Articles {
				h.on(a.path, redirect(301, "/moved"+a.path))
				h.on("/moved"+a.path, page(a))
			}
		}},
		{"elsewhere", "pages answer 302, 303, 307 and 308 to another host, which closes one of them", "that host's robots.txt is asked first and obeyed", 2, func(h *Host) {
			other := h.beside("elsewhere")
			other.rules.Closed = []string{"/news/3"}
			for i, a := range h.Articles {
				h.on(a.path, redirect([]int{302, 303, 307, 308, 301}[i%5], other.url(a.path)))
				other.on(a.path, page(a))
			}
			h.Articles[2].Outcome = story.Robots
		}},
		{"opaque", "items link to a redirector that leads to the publisher", "each arrives once, at the redirector's pace and the publisher's", 1, func(h *Host) {
			other := h.beside("redirector")
			for i, a := range h.Articles {
				path := fmt.Sprintf("/rss/articles/%d?oc=5", i)
				h.link(a, other.url(path))
				other.on(path, redirect(302, h.url(a.path)))
			}
		}},
		{"shut-target", "pages redirect to a path that robots.txt closes", "they end as robots", 1, func(h *Host) {
			h.rules.Closed = []string{"/closed/"}
			h.pages(func(a *Article) handler { return redirect(302, "/closed"+a.path) })
			h.ends(story.Robots)
		}},
		{"chain", "a page is behind four redirects", "it arrives", 1, chain(4, 302)},
		{"long-chain", "a page is behind twelve redirects", "it ends as fetch_failed", 1, func(h *Host) {
			chain(12, 301)(h)
			h.ends(story.FetchFailed)
		}},
		{"circle", "a page redirects in a circle of two", "it ends as fetch_failed", 1, func(h *Host) {
			h.Articles, h.Feeds[0].items = h.Articles[:1], h.Feeds[0].items[:1]
			h.on(h.Articles[0].path, redirect(302, "/there"))
			h.on("/there", redirect(302, h.Articles[0].path))
			h.ends(story.FetchFailed)
		}},
		{"cookie-wall", "pages set a cookie and redirect to themselves", "they end as fetch_failed, at once", 1, func(h *Host) {
			h.pages(func(a *Article) handler { return status(302, "Set-Cookie: seen=1", "Location: "+a.path) })
			h.ends(story.FetchFailed)
		}},
		{"nowhere", "pages redirect to no address, or to what is no web address", "they end as fetch_failed", 1, func(h *Host) {
			for i, to := range []string{"", "javascript:alert(1)", "file:///etc/passwd", "ftp://ftp.example/x", "http://"} {
				h.on(h.Articles[i].path, redirect(302, to))
			}
			h.ends(story.FetchFailed)
		}},
		{"bad-certificate-target", "pages redirect to HTTPS with a certificate that nobody trusts", "they end as fetch_failed", 1, func(h *Host) {
			h.Articles, h.Feeds[0].items = h.Articles[:1], h.Feeds[0].items[:1]
			other := h.beside("secure")
			other.secure = true
			h.on(h.Articles[0].path, redirect(301, other.url("/")))
			h.ends(story.FetchFailed)
		}},
	}
}

func forbiddenKinds() []Kind {
	// one article for every address
	each := func(h *Host, use func(a *Article, address string)) {
		for len(h.Articles) < len(h.web.bait.forbidden()) {
			h.article()
		}
		for i, address := range h.web.bait.forbidden() {
			use(h.Articles[i], address)
		}
		h.ends(story.ForbiddenAddress, story.FetchFailed) // the machine may have no IPv6
	}
	return []Kind{
		{"lure", "pages redirect to addresses within the reader's own network, in every notation", "they end as forbidden_address; nobody comes to the bait", 1, func(h *Host) {
			each(h, func(a *Article, address string) { h.on(a.path, redirect(302, address)) })
		}},
		{"open-lure", "the feed lists such addresses", "likewise", 1, func(h *Host) {
			seen := map[story.ID]bool{}
			var kept []*Article
			each(h, func(a *Article, address string) {
				if h.link(a, address); !seen[a.ID] {
					kept = append(kept, a)
				}
				seen[a.ID] = true
			})
			h.Articles, h.Feeds[0].items = kept, kept
		}},
		{"luring-feed", "the feed itself redirects there", "its state says so", 1, func(h *Host) {
			h.feeds(redirect(301, h.web.bait.forbidden()[8]))
			h.unlisted("forbidden_address")
		}},
		{"luring-rules", "robots.txt redirects there", "it cannot be read, so nothing may be asked for", 1, func(h *Host) {
			h.robots = redirect(302, strings.TrimSuffix(h.web.bait.forbidden()[10], "/")+"/robots.txt")
			h.unlisted("forbidden_address", "robots", "no_robots")
		}},
		{"slow-lure", "pages redirect to a public name's look-alike, then to such an address", "every hop is checked", 1, func(h *Host) {
			h.Articles, h.Feeds[0].items = h.Articles[:2], h.Feeds[0].items[:2]
			other := h.beside("innocent")
			other.on("/x", redirect(302, h.web.bait.forbidden()[11]))
			h.pages(func(*Article) handler { return redirect(302, other.url("/x")) })
			h.ends(story.ForbiddenAddress)
		}},
	}
}

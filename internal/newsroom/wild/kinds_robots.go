package wild

import (
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

func robotsKinds() []Kind {
	return []Kind{
		{"shut", "robots.txt closes everything", "nothing but robots.txt is asked for; the feed is said to be closed", 2, func(h *Host) {
			h.rules.Closed = []string{"/"}
			h.unlisted("robots")
		}},
		{"members", "robots.txt closes one directory", "the pages in it end as robots, the others arrive", 3, func(h *Host) {
			h.rules.Closed = []string{"/members/"}
			h.move(h.Articles[1], "/members/2")
			h.Articles[1].Outcome = story.Robots
		}},
		{"wildcard", "robots.txt closes by * and $", "what the patterns fit ends as robots", 1, func(h *Host) {
			h.move(h.Articles[0], "/news/1?print=1")
			h.move(h.Articles[1], "/files/deep/2.pdf")
			h.move(h.Articles[2], "/files/3.pdf?page=1") // the pattern ends before the query
			h.robots = says("User-agent: *\nDisallow: /*?print=\nDisallow: /*.pdf$\n", Rules{Closed: []string{"/news/1?print=1", "/files/deep/2.pdf"}})
			h.Articles[0].Outcome, h.Articles[1].Outcome = story.Robots, story.Robots
		}},
		{"escaped", "robots.txt writes a path with escapes, the feed without", "they are the same path", 1, func(h *Host) {
			h.move(h.Articles[0], "/caf%C3%A9/1")
			h.link(h.Articles[0], h.url("/café/1"))
			h.robots = says("User-agent: *\nDisallow: /caf%c3%a9/\n", Rules{Closed: []string{"/caf%C3%A9/"}})
			h.Articles[0].Outcome = story.Robots
		}},
		{"by-name", "robots.txt has a group for us and a stricter one for all", "ours counts alone", 1, func(h *Host) {
			h.robots = says("User-agent: *\nDisallow: /\n\nUser-agent: otherbot\nUser-agent: SpyWire\nDisallow: /news/2\n", Rules{Closed: []string{"/news/2"}})
			h.Articles[1].Outcome = story.Robots
		}},
		{"odd-rules", "robots.txt begins with a BOM, ends lines with CR and is sent as HTML", "it is read all the same", 1, func(h *Host) {
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/3"}})
				x.send(200, "text/html", "\xef\xbb\xbfuser-agent : * # all\rDisallow:/news/3\rSitemap: /map.xml\r")
			}
			h.Articles[2].Outcome = story.Robots
		}},
		{"packed-rules", "robots.txt comes in gzip", "it is unpacked and obeyed", 1, func(h *Host) {
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/1"}})
				coded("text/plain", "gzip", "User-agent: *\nDisallow: /news/1\n")(x)
			}
			h.Articles[0].Outcome = story.Robots
		}},
		{"moved-rules", "robots.txt redirects to another host's", "the rules found there hold", 1, func(h *Host) {
			other := h.beside("rules")
			other.robots = says("User-agent: *\nDisallow: /news/4\n", Rules{Closed: []string{"/news/4"}})
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/4"}})
				redirect(301, other.url("/robots.txt"))(x)
			}
			h.Articles[3].Outcome = story.Robots
		}},
		{"lodger-rules", "robots.txt redirects to that of a host where many are sent, and which has work of its own", "it is asked as any host is, by one reader at a time", 8, func(h *Host) {
			house := h.shared("rules-house")
			house.robots = says("User-agent: *\nDisallow: /news/4\nCrawl-delay: 1\n", Rules{Closed: []string{"/news/4"}, Delay: time.Second})
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/4"}, Delay: time.Second})
				redirect(301, house.url("/robots.txt"))(x)
			}
			h.Articles[3].Outcome = story.Robots
			there := h.Articles[1]
			path := "/of/" + h.Name
			house.on(path, page(there))
			h.link(there, house.url(path))
		}},
		{"filed-rules", "robots.txt redirects to a file of another host, by way of a second", "that host's own rules are asked first, and the file's hold", 3, func(h *Host) {
			house, via := h.shared("files-house"), h.beside("via")
			via.lend("/rules", redirect(302, house.url("/rules.txt")))
			house.lend("/rules.txt", says("User-agent: *\nDisallow: /news/2\n", Rules{}))
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/2"}})
				redirect(302, via.url("/rules"))(x)
			}
			h.Articles[1].Outcome = story.Robots
		}},
		{"mutual-rules", "robots.txt redirects to a host whose own redirects back", "there is none: all is open", 2, func(h *Host) {
			other := h.beside("mirror")
			for from, to := range map[*Host]*Host{h: other, other: h} {
				from.robots = func(x *exchange) {
					x.ruled(Rules{})
					redirect(302, to.url("/robots.txt"))(x)
				}
			}
		}},
		{"circular-rules", "robots.txt redirects to itself for ever", "there is none after five redirects: all is open", 1, func(h *Host) {
			h.robots = func(x *exchange) {
				x.ruled(Rules{})
				redirect(302, "/robots.txt?again=1")(x)
			}
		}},
		{"failing-rules", "robots.txt answers 500 for ever", "nothing is asked for until it answers", 2, func(h *Host) {
			h.robots = status(500)
			h.unlisted("no_robots")
		}},
		{"silent-rules", "robots.txt never answers", "nothing is asked for until it does", 1, func(h *Host) {
			h.robots = never
			h.unlisted("timeout", "robots")
		}},
		{"flapping-rules", "robots.txt answers 503 with Retry-After first", "it is asked again in time, and all arrives", 2, func(h *Host) {
			h.robots = first(1, status(503, "Retry-After: 2"), ruled(Rules{}))
		}},
		{"busy-rules", "robots.txt answers 429 twice", "it is asked again, later and later, and all arrives", 1, func(h *Host) {
			h.robots = first(2, status(429), ruled(Rules{}))
		}},
		{"cut-rules", "robots.txt breaks off before its rules, then is whole", "half a file is not the rules", 1, func(h *Host) {
			h.robots = first(1, text("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 400\r\n\r\nUser-agent: *\n"), ruled(Rules{Closed: []string{"/news/5"}}))
			h.Articles[4].Outcome = story.Robots
		}},
		{"forbidden-rules", "robots.txt answers 403", "4xx is no restriction", 1, func(h *Host) {
			h.robots = func(x *exchange) { x.ruled(Rules{}); status(403)(x) }
		}},
		{"page-for-rules", "robots.txt is a web page", "there are no rules in it", 1, func(h *Host) {
			h.robots = says(document("Not found, sorry", 3), Rules{}, "Content-Type: text/html")
		}},
		{"huge-rules", "robots.txt is 3 MB, with a rule for us at its start", "the start counts", 1, func(h *Host) {
			h.robots = says("User-agent: *\nDisallow: /news/2\n"+strings.Repeat("Disallow: /nobody/ever/looks/here\n", 90_000), Rules{Closed: []string{"/news/2"}})
			h.Articles[1].Outcome = story.Robots
		}},
		{"endless-rules", "robots.txt never ends", "the first of it counts", 1, func(h *Host) {
			h.robots = func(x *exchange) {
				x.ruled(Rules{Closed: []string{"/news/2"}})
				x.w.WriteHeader(200)
				for line := "User-agent: *\nDisallow: /news/2\n"; ; line = strings.Repeat("# and so on, for ever and a day\n", 500) {
					if _, err := x.w.Write([]byte(line)); err != nil {
						return
					}
				}
			}
			h.Articles[1].Outcome = story.Robots
		}},
		{"changing-rules", "robots.txt closes a directory once it is asked again", "the new rules hold from then on", 1, func(h *Host) {
			late := h.article()
			h.move(late, "/late/1")
			late.Outcome = story.Robots
			h.Feeds[0].items = h.Feeds[0].items[:len(h.Articles)-1]
			before, after := h.Feeds[0], &Feed{Feed: h.Feeds[0].Feed, items: h.pointers()}
			h.robots = first(1, ruled(Rules{}), ruled(Rules{Closed: []string{"/late/"}}))
			h.feeds(func(x *exchange) {
				f := before
				h.mu.Lock()
				if h.hits["/robots.txt"] > 1 {
					f = after
				}
				h.mu.Unlock()
				x.listing(rss(f), tagOf(rss(f)), "", "application/rss+xml")
			})
		}},
		{"patient", "robots.txt has a Crawl-delay", "requests are that far apart", 3, func(h *Host) {
			h.rules.Delay = 1500 * time.Millisecond
		}},
		{"locked-portal", "a feed links to hosts that are closed, dead or have no rules to read", "each link ends, and no page there was asked for", 1, func(h *Host) {
			failing, dead, closed := h.beside("failing"), h.beside("dead"), h.beside("closed")
			failing.robots, dead.refused, closed.rules.Closed = status(500), true, []string{"/"}
			h.link(h.Articles[0], failing.url("/a"))
			h.link(h.Articles[1], dead.url("/a"))
			h.link(h.Articles[2], closed.url("/a"))
			h.link(h.Articles[3], "http://"+strings.Repeat("x", 70)+".example/a")
			for i, outcome := range []story.Outcome{story.Robots, story.FetchFailed, story.Robots, story.FetchFailed} {
				h.Articles[i].Outcome = outcome
			}
		}},
	}
}

// lend has the host answer at a path for the robots.txt of others.
func (h *Host) lend(path string, answer handler) {
	h.on(path, answer)
	h.rulePaths = append(h.rulePaths, path)
}

// pointers are the host's articles as a feed lists them.
func (h *Host) pointers() []*Article { return append([]*Article(nil), h.Articles...) }

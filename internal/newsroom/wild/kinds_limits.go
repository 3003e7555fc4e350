package wild

import (
	"net/http"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// full gives the feed the whole text of its items.
func (h *Host) full() {
	for i, a := range h.Articles {
		for p := range 8 {
			a.content += "<p>Paragraph of the feed itself, " + words(i+p, 20) + ".</p>"
		}
	}
}

func limitKinds() []Kind {
	onceFirst := func(answer handler) func(*Host) {
		return func(h *Host) { h.pages(func(a *Article) handler { return first(1, answer, page(a)) }) }
	}
	walled := func(x *exchange) {
		x.send(403, "text/html", "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>",
			"Cf-Mitigated: challenge", "Server: cloudflare")
	}
	return []Kind{
		{"busy-seconds", "the first page answers 429 with Retry-After in seconds", "nobody asks the host before", 2, func(h *Host) {
			h.on(h.Articles[0].path, first(1, status(429, "Retry-After: 4"), page(h.Articles[0])))
		}},
		{"busy-date", "the first page answers 429 with Retry-After as a date", "nobody asks the host before", 2, func(h *Host) {
			h.on(h.Articles[0].path, first(1, func(x *exchange) {
				status(429, "Retry-After: "+time.Now().Add(5*time.Second).UTC().Format(http.TimeFormat))(x)
			}, page(h.Articles[0])))
		}},
		{"busy", "pages answer 429 without Retry-After at first", "they are asked again later", 1, func(h *Host) {
			h.Articles = h.Articles[:3]
			h.Feeds[0].items = h.Feeds[0].items[:3]
			onceFirst(status(429))(h)
		}},
		{"busy-feed", "the feed answers 503 with Retry-After first", "it is asked again in time, and all arrives", 2, func(h *Host) {
			h.feeds(first(1, status(503, "Retry-After: 3"), listing(h.Feeds[0])))
		}},
		{"worn-out", "the feed answers 429 with a Retry-After of a minute for ever", "the host is left alone for the minute", 1, func(h *Host) {
			h.feeds(status(429, "Retry-After: 60"))
			h.unlisted("http_error")
		}},
		{"endless-wait", "the feed asks for a wait of a thousand years", "it is a day", 1, func(h *Host) {
			h.feeds(status(503, "Retry-After: 31536000000"))
			h.unlisted("http_error")
		}},
		{"flapping", "every page answers 503 the first time", "all arrives in the end", 2, func(h *Host) {
			h.Articles = h.Articles[:3]
			h.Feeds[0].items = h.Feeds[0].items[:3]
			onceFirst(status(503))(h)
		}},
		{"broken", "every page answers 500 the first time", "all arrives in the end", 2, onceFirst(status(500))},
		{"always-broken", "every page answers 502", "they end as fetch_failed after the last try", 1, func(h *Host) {
			h.pages(func(*Article) handler { return status(502) })
			h.ends(story.FetchFailed)
		}},
		{"wall", "pages are behind a bot wall", "they end as bot_wall, at once", 2, func(h *Host) {
			h.pages(func(*Article) handler { return walled })
			h.ends(story.BotWall)
		}},
		{"walled-feed", "the feed is behind a bot wall", "its state says so", 1, func(h *Host) {
			h.feeds(walled)
			h.unlisted("bot_wall")
		}},
		{"refusing", "pages answer 403", "they end as blocked", 1, func(h *Host) {
			h.pages(func(*Article) handler { return status(403) })
			h.ends(story.Blocked)
		}},
		{"full-feed", "pages answer 403, the feed has their whole text", "the feed's text goes on in place of the page", 2, func(h *Host) {
			h.full()
			h.pages(func(*Article) handler { return status(403) })
			h.ends(Arrives)
		}},
		{"walled-full-feed", "pages are behind a bot wall, the feed has their whole text", "the feed's text goes on in place of the page", 1, func(h *Host) {
			h.full()
			h.pages(func(*Article) handler { return walled })
			h.ends(Arrives)
		}},
		{"login", "pages answer 401, 402 and 451", "they end as blocked", 1, func(h *Host) {
			for i, code := range []int{401, 402, 451, 401, 407} {
				h.on(h.Articles[i].path, status(code, "WWW-Authenticate: Basic realm=\"x\""))
			}
			h.ends(story.Blocked)
		}},
		{"closed-feed", "the feed answers 401", "its state says so", 1, func(h *Host) {
			h.feeds(status(401))
			h.unlisted("blocked")
		}},
		{"refusing-feed", "the feed answers 403", "its state says so", 1, func(h *Host) {
			h.feeds(status(403))
			h.unlisted("blocked")
		}},
		{"lost", "pages answer 404 and 410", "they end as not_found and gone", 2, func(h *Host) {
			h.pages(func(*Article) handler { return status(404) })
			h.on(h.Articles[0].path, status(410))
			h.ends(story.NotFound)
			h.Articles[0].Outcome = story.Gone
		}},
		{"lost-feed", "the feed answers 404", "it is asked ever more rarely", 1, func(h *Host) {
			h.feeds(status(404))
			h.unlisted("not_found")
		}},
		{"retired", "the feed answers 410", "it is never asked again", 2, func(h *Host) {
			h.feeds(status(410))
			h.unlisted("gone")
		}},
		{"retiring", "the feed answers 410 from its third request on", "it is never asked again", 1, func(h *Host) {
			h.feeds(first(2, listing(h.Feeds[0]), status(410)))
			h.Feeds[0].States = []string{"gone", "ok", "not_modified"}
		}},
	}
}

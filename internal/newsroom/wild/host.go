package wild

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Host is one site: what its robots.txt says, what it answers where, and what should become of all it lists.
type Host struct {
	Name     string
	Kind     Kind
	Articles []*Article
	Feeds    []*Feed

	web      *Web
	secure   bool // HTTPS with a certificate nobody trusts
	refused  bool // no connections
	rules    Rules
	robots   handler // nil is the file that rules make, or 404
	handlers map[string]handler

	feedPaths []string // where feeds lie beside those listed
	rulePaths []string // where rules of other hosts lie

	mu   sync.Mutex
	hits map[string]int
}

// Article is one item of a feed.
type Article struct {
	ID    story.ID // of the link in normal form
	URL   string   // likewise
	Link  string   // as feeds print it
	Title string
	Body  string // the page, decoded

	// Outcome is how its URL should end at the fetcher; empty is for a page that should arrive, whole and once.
	Outcome story.Outcome
	Also    []story.Outcome // as right
	// Spare is an article that need not arrive: the rules leave it open, or it waits for its turn longer than a test.
	Spare bool

	guid, summary, content string
	published              time.Time // zero is undated
	path                   string
}

// Feed is a feed that a list would name, and the states in which a good reader may see it after a while.
type Feed struct {
	story.Feed
	States []string
	items  []*Article
	path   string
}

func newHost(w *Web, k Kind, name string) *Host {
	return &Host{Name: name, Kind: k, web: w, handlers: map[string]handler{}, hits: map[string]int{}}
}

// url is the absolute address of a path at the host.
func (h *Host) url(path string) string {
	scheme := "http"
	if h.secure {
		scheme = "https"
	}
	return scheme + "://" + h.Name + path
}

// furnish gives the host a feed and so many articles. What a kind wants otherwise it changes.
func (h *Host) furnish(articles int) {
	h.feed("/feed.xml", "ok", "not_modified")
	for range articles {
		h.article()
	}
}

// article adds a page and lists it in the first feed, if there is one.
func (h *Host) article() *Article {
	n := len(h.Articles) + 1
	a := &Article{Title: fmt.Sprintf("Notice %d of %s", n, h.Name), path: fmt.Sprintf("/news/%d", n), published: h.web.base.Add(-time.Duration(n) * 37 * time.Minute)}
	a.summary = "What was noticed " + words(n, 12) + "."
	a.Body = document(a.Title, n)
	a.guid = h.Name + "/" + fmt.Sprint(n)
	h.Articles = append(h.Articles, a)
	h.link(a, h.url(a.path))
	h.on(a.path, page(a))
	if len(h.Feeds) > 0 {
		h.Feeds[0].items = append(h.Feeds[0].items, a)
	}
	return a
}

// link says how feeds print the article's address, and so what its id is.
func (h *Host) link(a *Article, as string) {
	a.Link = as
	normal, err := weburl.Normalize(as)
	if err != nil {
		normal = as
	}
	a.URL, a.ID = normal, story.NewID(normal)
}

// move puts an article at another path of the host.
func (h *Host) move(a *Article, path string) {
	delete(h.handlers, a.path)
	a.path = path
	h.link(a, h.url(path))
	h.on(path, page(a))
}

// feed adds a feed that lists nothing yet.
func (h *Host) feed(path string, states ...string) *Feed {
	f := &Feed{States: states, path: path}
	url, err := weburl.Normalize(h.url(path))
	if err != nil {
		url = h.url(path)
	}
	f.Feed = story.Feed{ID: story.NewID(url), URL: url, Title: h.Name, Outlet: h.Name, Lang: "en"}
	h.Feeds = append(h.Feeds, f)
	h.at(path, f)
	return f
}

// unlisted makes the host's feed one that a reader gets nothing out of: it ends in one of the states, and no article is
// ever listed.
func (h *Host) unlisted(states ...string) {
	h.Feeds[0].States, h.Articles = states, nil
}

// ends says how all articles end.
func (h *Host) ends(outcome story.Outcome, also ...story.Outcome) {
	for _, a := range h.Articles {
		a.Outcome, a.Also = outcome, also
	}
}

// on sets what answers at a path.
func (h *Host) on(path string, answer handler) { h.handlers[path] = answer }

// pages sets what answers for every article, instead of its page or before it.
func (h *Host) pages(answer func(a *Article) handler) {
	for _, a := range h.Articles {
		h.on(a.path, answer(a))
	}
}

// feeds sets what answers for the host's first feed.
func (h *Host) feeds(answer handler) { h.on(h.Feeds[0].path, answer) }

// handler is what answers a request, by the whole path or the path without its query.
func (h *Host) handler(line *Request) handler {
	path, _, _ := strings.Cut(line.Path, "?")
	if path == "/robots.txt" {
		h.web.change(func() { line.For = ForRobots })
		if h.robots != nil {
			return h.robots
		}
		return ruled(h.rules)
	}
	what, answer := ForPage, h.handlers[line.Path]
	if answer == nil {
		answer = h.handlers[path]
	}
	if slices.Contains(h.feedPaths, path) {
		what = ForFeed
	} else if slices.Contains(h.rulePaths, path) {
		what = ForRules
	}
	h.web.change(func() { line.For = what })
	if answer == nil {
		return status(404)
	}
	return answer
}

// count is how often a path was asked for, this time included.
func (h *Host) count(path string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hits[path]++
	return h.hits[path]
}

// words are n words of a plain text, others for every seed.
func words(seed, n int) string {
	const pool = "harbour council signal river archive courier station winter garden market letter window bridge minister engine ferry lantern museum orchard railway"
	list := strings.Fields(pool)
	out := make([]string, n)
	for i := range out {
		out[i] = list[(seed*7+i*(seed%5+3))%len(list)]
	}
	return strings.Join(out, " ")
}

// document is a page of about three kilobytes.
func document(title string, seed int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title></head>\n<body><article><h1>%s</h1>\n", title, title)
	for i := range 24 {
		fmt.Fprintf(&b, "<p>Paragraph %d of it: the %s were counted again.</p>\n", i+1, words(seed+i, 14))
	}
	b.WriteString("</article></body></html>\n")
	return b.String()
}

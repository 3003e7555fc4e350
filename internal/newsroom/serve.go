package newsroom

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/spywire/spywire/internal/weburl"
)

// manners are the values of an article's serve key:
//
//	page                 200, as everybody does
//	status CODE          that status, with a page saying so
//	redirect CODE URL    301 or 302 to URL, where the page is
//	once CODE SECONDS    that status with Retry-After at the first request, then the page
//	challenge            403 from a bot wall
//	teaser BLOCKS        the page cut off after so many blocks by a paywall
//	live                 a live blog: headings begin updates
//	index                a page of headlines and no article
//	empty                a page whose story is a film: no text
//	undeclared           the page in the outlet's charset, declared nowhere
//	pdf, garbage, bomb   a PDF; noise as text/html; a small gzip body of a very large page
//	external             not served here at all: the link leads out of the newsroom
var manners = []string{"page", "status", "redirect", "once", "challenge", "teaser", "live", "index", "empty", "undeclared", "pdf", "garbage", "bomb", "external"}

// reply is an answer before content coding and validators.
type reply struct {
	status  int
	kind    string // media type with charset parameter
	body    []byte
	header  map[string]string
	coded   bool  // body is gzip already
	stamped int64 // Last-Modified in Unix seconds, 0 for none
}

func plain(status int) reply {
	return reply{status: status, kind: "text/plain; charset=utf-8", body: []byte(http.StatusText(status) + "\n")}
}

// ServeHTTP answers for the outlet that the Host header names, with or without a port.
func (n *Newsroom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	log := n.note(r)
	host := strings.ToLower(r.Host)
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	o, answer := n.answer(host, r)
	log.status, log.bytes = send(w, r, o, answer)
	n.finish(log)
}

func (n *Newsroom) answer(host string, r *http.Request) (*outlet, reply) {
	o := n.hosts[host]
	if generated := n.load.host(host); generated != nil {
		o = generated
	}
	switch {
	case o == nil:
		return &outlet{encoding: "none", validators: "none"}, plain(http.StatusMisdirectedRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return o, plain(http.StatusMethodNotAllowed)
	case r.URL.Path == "/robots.txt":
		answer := plain(o.robotsStatus)
		if o.robots != "" {
			answer.body = []byte(o.robots)
		}
		return o, answer
	}
	url, err := weburl.Normalize("http://" + host + r.URL.RequestURI())
	if err != nil {
		return o, plain(http.StatusBadRequest)
	}
	if answer, ok := n.load.answer(n, o, url); ok {
		return o, answer
	}
	at := n.pages[url]
	switch {
	case at != nil && at.redirect != nil:
		return o, moved(at.redirect.status, at.redirect.to)
	case at != nil && at.feed != nil:
		return o, n.serveFeed(at.feed, r)
	case at != nil:
		return o, n.serveArticle(at.article, url)
	case r.URL.Path == "/":
		return o, n.page(o, o.front())
	}
	return o, n.errorPage(o, http.StatusNotFound)
}

func moved(status int, to string) reply {
	answer := plain(status)
	answer.header = map[string]string{"Location": to}
	return answer
}

func (n *Newsroom) serveArticle(a *article, url string) reply {
	arg := func(i int) int {
		if i >= len(a.serve) {
			return 0
		}
		value, _ := strconv.Atoi(a.serve[i])
		return value
	}
	switch a.serve[0] {
	case "status":
		return n.errorPage(a.outlet, arg(1))
	case "once":
		if n.count(url) == 1 {
			answer := n.errorPage(a.outlet, arg(1))
			answer.header = map[string]string{"Retry-After": strconv.Itoa(arg(2))}
			return answer
		}
	case "challenge":
		return challenge()
	case "pdf":
		return reply{status: 200, kind: "application/pdf", body: pdf(a.versions[0].title)}
	case "garbage":
		return reply{status: 200, kind: "text/html; charset=utf-8", body: garbage()}
	case "bomb":
		return reply{status: 200, kind: "text/html; charset=utf-8", body: n.bomb(), coded: true}
	case "external":
		return plain(http.StatusNotFound)
	}
	answer := n.page(a.outlet, a)
	answer.stamped = n.opts.Base.Add(a.modified(n.version(a))).Unix()
	return answer
}

// errorPage is what the outlet's own site says with a status: a page with furniture and no article.
func (n *Newsroom) errorPage(o *outlet, status int) reply {
	words := n.words[o.lang]
	answer := n.page(o, &article{outlet: o, slug: "error", section: "-", serve: []string{"index"},
		versions: []version{{title: fmt.Sprintf("%d %s", status, words.Get("missing"))}}})
	answer.status = status
	return answer
}

// front is the outlet's home page: its headlines.
func (o *outlet) front() *article {
	return &article{outlet: o, slug: "front", url: "http://" + o.host + "/", section: "-", serve: []string{"index"}, versions: []version{{title: o.name}}}
}

// count is how often url was asked for, this time included.
func (n *Newsroom) count(url string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hits[url]++
	return n.hits[url]
}

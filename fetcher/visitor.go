package fetcher

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// Visitor makes requests on a person's word, without a queue: the same rules, robots.txt and addresses included, and
// the same pause to each host, but redirects are followed at once. It is safe for concurrent use.
type Visitor struct {
	requester
	outlets Outlets
	rules   *rulebook
	feeds   *feedlist.List // with the headers that their hosts want
}

// NewVisitor makes a visitor. Outlets may be nil.
func NewVisitor(cfg Config, outlets Outlets) (*Visitor, error) {
	if faults := cfg.Validate(); len(faults) > 0 {
		return nil, fmt.Errorf("fetch: %w", faults[0])
	}
	r, err := newRequester(cfg.withDefaults(), newMetrics(nil))
	if err != nil {
		return nil, err
	}
	return &Visitor{requester: r, outlets: outlets, rules: newRulebook(), feeds: feedlist.Of()}, nil
}

// Use takes the headers that feeds' own hosts want from a list.
func (v *Visitor) Use(feeds *feedlist.List) { v.feeds = feeds }

// Close drops the visitor's connections.
func (v *Visitor) Close() { v.client.Close() }

// Get is Page of a visitor made for one URL.
func Get(ctx context.Context, cfg Config, rawURL string) (story.Page, error) {
	v, err := NewVisitor(cfg, nil)
	if err != nil {
		return story.Page{}, err
	}
	defer v.Close()
	return v.Page(ctx, rawURL)
}

// Page requests a page. The error says how the URL would have ended: fault.Of gives the outcome.
func (v *Visitor) Page(ctx context.Context, rawURL string) (story.Page, error) {
	url, err := weburl.Normalize(rawURL)
	if err != nil {
		return story.Page{}, fault.Drop(story.FetchFailed, err)
	}
	a := v.visit(ctx, kindPage, story.Feed{}, web.Request{URL: url, Accept: acceptPage, SkipBody: notWanted})
	if a.resp != nil {
		defer a.resp.Close()
	}
	if a.verdict == (verdict{}) {
		a.verdict = readable(a.resp, true)
	}
	if a.outcome != "" {
		return story.Page{}, fault.Dropf(a.outcome, "%s: %s", url, a.reason)
	}
	now := time.Now()
	e := story.Entry{ID: story.NewID(url), Visit: now.UnixMilli(), URL: a.url, Listed: url, Source: sourceOf(a.url, story.Feed{}, v.outlets)}
	return v.pageOf(e, a.resp, now), nil
}

// answer is where a visit ended and what it means.
type answer struct {
	verdict
	url   string // requested last
	moved string // where permanent redirects alone led
	resp  *web.Response
	err   error
}

// visit makes the request and follows redirects, each host's robots.txt first.
func (v *Visitor) visit(ctx context.Context, kind string, in story.Feed, req web.Request) answer {
	a := answer{url: req.URL}
	forGood := true
	for range maxHops + 1 {
		var wait time.Duration
		if a.verdict, wait = v.mayRequest(ctx, a.url); a.outcome != "" {
			return a
		}
		req.URL, req.Header = a.url, secretsFor(in, a.url, v.feeds.Header)
		resp, seen, err := v.get(ctx, kind, req)
		v.keepAway(a.url, seen, wait)
		a.resp, a.err = resp, err
		if err == nil && resp.Status == http.StatusNotModified {
			return a
		}
		a.verdict = judge(a.url, resp, err, time.Now())
		if a.redirect == "" {
			return a
		}
		if resp.Close(); a.redirect == a.url {
			break
		}
		if forGood = forGood && permanent(resp.Status); forGood {
			a.moved = a.redirect
		}
		a.url, a.resp = a.redirect, nil
	}
	a.verdict = verdict{outcome: story.FetchFailed, state: StateHTTPError, reason: "redirects in circles, the last to " + a.url}
	return a
}

// mayRequest is the zero verdict if the host's robots.txt allows the URL, and its Crawl-delay.
func (v *Visitor) mayRequest(ctx context.Context, url string) (verdict, time.Duration) {
	answer := v.rules.of(scheme(url)+weburl.HostToken(url), func() robotsAnswer {
		a := v.readRobots(ctx, url)
		v.keepAway(url, a.seen, a.rules.Delay)
		return a
	})
	if !answer.good() {
		return unanswered(answer), 0
	}
	if ok, line := answer.rules.Allowed(url); !ok {
		return disallowed(line), 0
	}
	return verdict{}, answer.rules.Delay
}

// readRobots asks for the robots.txt of the URL's host and follows redirects at once, each host with its pause; the rules
// found there hold for the first host.
func (v *Visitor) readRobots(ctx context.Context, rawURL string) robotsAnswer {
	ctx, cancel := context.WithTimeout(ctx, v.cfg.Timeout) // all of them together
	defer cancel()
	left := maxRobotsHops + 1
	return v.robotsChain(ctx, rawURL, &left)
}

// robotsChain reads robots.txt with as many requests as are left. A redirect to another host's page needs that host's
// permission like any other request; without it there is nothing to be read.
func (v *Visitor) robotsChain(ctx context.Context, rawURL string, left *int) robotsAnswer {
	at, err := robotsAt(rawURL)
	if err != nil {
		return robotsAnswer{err: err, seen: time.Now()}
	}
	home := weburl.HostToken(at)
	for *left > 0 {
		*left--
		a, next := v.askRobots(ctx, at, nil)
		if next == "" {
			return a
		}
		if host := weburl.HostToken(next); host != home && !isRobots(next) {
			if own := v.robotsChain(ctx, next, left); !own.good() {
				return own
			} else if ok, _ := own.rules.Allowed(next); !ok {
				break
			}
			home = host
		}
		at = next
	}
	return robotsAnswer{status: http.StatusNotFound, seen: time.Now()}
}

func (v *Visitor) keepAway(url string, seen time.Time, wait time.Duration) {
	v.pace.hold(weburl.HostToken(url), seen.Add(wait))
}

package fetcher

import (
	"context"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// maxRobotsHops is RFC 9309 section 2.3.1.2.
const maxRobotsHops = 5

// robotsAnswer is what a host said about its rules. Status is 0 if it said nothing.
type robotsAnswer struct {
	status int
	same   bool // as it was when it was asked for last
	rules  robots.Rules
	seen   time.Time
	wait   time.Duration // Retry-After
	err    error

	from, etag, modified string // the file's validators
}

// good reports whether the answer settles what may be requested: rules, or no restrictions.
func (a robotsAnswer) good() bool {
	return a.err == nil && (a.same || a.status/100 == 2 || a.status/100 == 4 && a.status != http.StatusTooManyRequests)
}

// readRobots asks for the robots.txt of the URL's host. Redirects are followed at once, to other hosts too, up to five,
// and the rules found there hold for the first host (RFC 9309 section 2.3.1.2); each keeps the pause to its
// host within this process. More redirects, or one to nowhere, are a file that does not exist. old is what is known of
// the file, nil if nothing is.
func (r requester) readRobots(ctx context.Context, rawURL string, old *story.RobotsState) robotsAnswer {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout) // all of them together: they share one lease
	defer cancel()
	left := maxRobotsHops + 1
	return r.robotsChain(ctx, rawURL, old, &left)
}

// robotsChain reads robots.txt with as many requests as are left. A redirect to another host's page needs that host's
// permission like any other request; without it there is nothing to be read.
func (r requester) robotsChain(ctx context.Context, rawURL string, old *story.RobotsState, left *int) robotsAnswer {
	u, err := url.Parse(rawURL)
	if err != nil {
		return robotsAnswer{err: err, seen: time.Now()}
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	home, at := weburl.HostToken(rawURL), u.String()
	for *left > 0 {
		*left--
		req := web.Request{URL: at, Accept: "text/plain, */*;q=0.5", MaxBytes: robots.MaxBytes, Cut: true}
		asked := old != nil && old.Verdict == robotsRules && old.From == at
		if asked {
			req.ETag, req.LastModified = old.ETag, old.LastModified
		}
		resp, seen, err := r.get(ctx, kindRobots, req)
		if err != nil {
			return robotsAnswer{err: err, seen: seen}
		}
		resp.Close()
		if target := redirect(at, resp); target != "" {
			if host := weburl.HostToken(target); host != home && !isRobots(target) {
				if own := r.robotsChain(ctx, target, nil, left); !own.good() {
					return own
				} else if ok, _ := own.rules.Allowed(target); !ok {
					break
				}
				home = host
			}
			at = target
			continue
		}
		a := robotsAnswer{status: resp.Status, seen: seen, wait: retryAfter(resp.Header, time.Now())}
		switch {
		case asked && resp.Status == http.StatusNotModified && req.ETag+req.LastModified != "":
			a.same = true
		case resp.Status/100 == 3:
			a.status = http.StatusNotFound
		case resp.Status/100 == 2 && resp.Truncated != nil && web.Of(resp.Truncated) != web.TooLarge:
			a.err = resp.Truncated // half the rules are not the rules
		case resp.Status/100 == 2:
			body, _ := resp.Decoded(robots.MaxBytes, 100) // what of it can be read counts
			a.rules = robots.Parse(body, r.agent)
			if tag := resp.Header.Get("ETag"); resp.Truncated == nil && len(tag) < 1000 && utf8.ValidString(tag) {
				a.from, a.etag, a.modified = at, tag, cut(resp.Header.Get("Last-Modified"), 100)
			}
		}
		return a
	}
	return robotsAnswer{status: http.StatusNotFound, seen: time.Now()}
}

func isRobots(rawURL string) bool {
	u, err := url.Parse(rawURL)
	return err == nil && u.Path == "/robots.txt"
}

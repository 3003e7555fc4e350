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
)

// maxRobotsHops is RFC 9309 section 2.3.1.2: more redirects, or one to nowhere, are a file that does not exist.
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

	lent    *story.RobotsState // the answer, as another host's turn has read it
	because string             // why there is no answer, where it is not this host's doing
}

// good reports whether the answer settles what may be requested: rules, or no restrictions.
func (a robotsAnswer) good() bool {
	return a.err == nil && (a.same || a.lent != nil || a.status/100 == 2 || a.status/100 == 4 && a.status != http.StatusTooManyRequests)
}

// askRobots makes one request for a robots.txt. next is where a redirect leads, to be asked in a turn of that host. old is
// what is known of the file, nil if nothing is.
func (r requester) askRobots(ctx context.Context, at string, old *story.RobotsState) (a robotsAnswer, next string) {
	req := web.Request{URL: at, Accept: "text/plain, */*;q=0.5", MaxBytes: robots.MaxBytes, Cut: true}
	asked := old != nil && old.Verdict == robotsRules && old.From == at
	if asked {
		req.ETag, req.LastModified = old.ETag, old.LastModified
	}
	resp, seen, err := r.get(ctx, kindRobots, req)
	if err != nil {
		return robotsAnswer{err: err, seen: seen}, ""
	}
	defer resp.Close()
	a = robotsAnswer{status: resp.Status, seen: seen, wait: retryAfter(resp.Header, time.Now())}
	if target := redirect(at, resp); target != "" {
		return a, target
	}
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
	return a, ""
}

// robotsAt is the address of the robots.txt for a URL.
func robotsAt(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", err
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}).String(), nil
}

// isRobots reports whether a URL is that of its own host's rules.
func isRobots(rawURL string) bool {
	own, err := robotsAt(rawURL)
	return err == nil && own == rawURL
}

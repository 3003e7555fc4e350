package fetcher

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/weburl"
)

// Kinds of request, as metrics name them.
const (
	kindRobots = "robots"
	kindFeed   = "feed"
	kindPage   = "page"
)

// What is asked for. Servers that negotiate give feeds to the first and pages to the second.
const (
	acceptFeed = "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
	acceptPage = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"
)

// maxHops is how many redirects are followed; maxRobotsHops is RFC 9309 section 2.3.1.2.
const (
	maxHops       = 10
	maxRobotsHops = 5
)

// requester makes single, paced, counted requests.
type requester struct {
	cfg     Config
	agent   string // product token
	client  *web.Client
	pace    *pace
	metrics *metrics
	squeeze *zstd.Encoder // safe for concurrent EncodeAll
}

func newRequester(cfg Config, m *metrics) (requester, error) {
	client, err := cfg.client()
	if err != nil {
		return requester{}, err
	}
	squeeze, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return requester{}, fmt.Errorf("zstd: %w", err)
	}
	return requester{cfg, robots.Token(cfg.UserAgent), client, newPace(cfg.HostDelay), m, squeeze}, nil
}

// get makes one request as soon as this process may talk to the host. seen is when the host had certainly
// seen it: the next pause counts from there.
func (r requester) get(ctx context.Context, kind string, req web.Request) (resp *web.Response, seen time.Time, err error) {
	host := weburl.HostToken(req.URL)
	if err := r.pace.wait(ctx, host, r.cfg.Timeout); err != nil {
		return nil, time.Now(), fmt.Errorf("get %s: waiting for the host: %w", req.URL, err)
	}
	resp, err = r.client.Get(ctx, req)
	seen = time.Now()
	outcome := string(web.Of(err))
	if err == nil {
		seen = resp.SeenAt
		outcome = fmt.Sprintf("%dxx", resp.Status/100)
		r.metrics.bytes.WithLabelValues(kind).Add(float64(len(resp.Body)))
	}
	r.pace.done(host, seen)
	r.metrics.fetches.WithLabelValues(kind, outcome).Inc()
	return resp, seen, err
}

// robotsAnswer is what a host said about its rules. Status is 0 if it said nothing.
type robotsAnswer struct {
	status int
	rules  robots.Rules
	seen   time.Time
	wait   time.Duration // Retry-After
	err    error
}

// good reports whether the answer settles what may be requested: rules, or no restrictions.
func (a robotsAnswer) good() bool {
	return a.err == nil && (a.status/100 == 2 || a.status/100 == 4 && a.status != http.StatusTooManyRequests)
}

// readRobots asks for the robots.txt of the URL's host. Redirects are followed at once, to other hosts too, up to five,
// and the rules found there hold for the first host (RFC 9309 section 2.3.1.2); each keeps the pause to its
// host within this process. More redirects, or one to nowhere, are a file that does not exist.
func (r requester) readRobots(ctx context.Context, rawURL string) robotsAnswer {
	u, err := url.Parse(rawURL)
	if err != nil {
		return robotsAnswer{err: err, seen: time.Now()}
	}
	at := u.Scheme + "://" + u.Host + "/robots.txt"
	for range maxRobotsHops + 1 {
		resp, seen, err := r.get(ctx, kindRobots, web.Request{URL: at, Accept: "text/plain, */*;q=0.5", MaxBytes: robots.MaxBytes, Cut: true})
		if err != nil {
			return robotsAnswer{err: err, seen: seen}
		}
		resp.Close()
		if target := redirect(at, resp); target != "" {
			at = target
			continue
		}
		a := robotsAnswer{status: resp.Status, seen: seen, wait: retryAfter(resp.Header, time.Now())}
		switch {
		case resp.Status/100 == 3:
			a.status = http.StatusNotFound
		case resp.Status/100 == 2 && resp.Truncated != nil && web.Of(resp.Truncated) != web.TooLarge:
			a.err = resp.Truncated // half the rules are not the rules
		case resp.Status/100 == 2:
			body, _ := resp.Decoded(robots.MaxBytes, 100) // what of it can be read counts
			a.rules = robots.Parse(body, r.agent)
		}
		return a
	}
	return robotsAnswer{status: http.StatusNotFound, seen: time.Now()}
}

// redirect is where a 3xx answer leads, as an absolute URL; "" if it leads nowhere a request can go.
func redirect(from string, resp *web.Response) string {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return ""
	}
	base, err := url.Parse(from)
	if err != nil {
		return ""
	}
	ref, err := url.Parse(strings.TrimSpace(resp.Header.Get("Location")))
	if err != nil || ref.String() == "" {
		return ""
	}
	to := base.ResolveReference(ref)
	to.User, to.Fragment, to.RawFragment = nil, "", ""
	// Usable, but not normalised: some servers insist on the very parameters that normalising takes away.
	if _, err := weburl.Normalize(to.String()); err != nil {
		return ""
	}
	return to.String()
}

// permanent reports whether a redirect says that the resource has moved for good.
func permanent(status int) bool {
	return status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect
}

package fetcher

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/weburl"
)

// Kinds of request, as metrics name them.
const (
	kindRobots  = "robots"
	kindFeed    = "feed"
	kindSitemap = "sitemap"
	kindPage    = "page"
	kindHub     = "hub"
)

// What is asked for. Servers that negotiate give feeds to the first and pages to the second.
const (
	acceptFeed = "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
	acceptPage = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"
)

// maxHops is how many redirects are followed.
const maxHops = 10

// requester makes single, paced, counted requests.
type requester struct {
	cfg     Config
	agent   string // product token
	client  *web.Client
	pace    *pace
	metrics *metrics
	squeeze *zstd.Encoder // safe for concurrent EncodeAll
	reading *semaphore.Weighted
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
	return requester{cfg, robots.Token(cfg.UserAgent), client, newPace(cfg.HostDelay), m, squeeze, semaphore.NewWeighted(maxDecoded)}, nil
}

// get makes one request as soon as this process may talk to the host. seen is when the host had certainly
// seen it: the next pause counts from there.
func (r requester) get(ctx context.Context, kind string, req web.Request) (resp *web.Response, seen time.Time, err error) {
	host := weburl.HostToken(req.URL)
	if err := r.pace.wait(ctx, host, r.cfg.Timeout); err != nil {
		return nil, time.Now(), fmt.Errorf("%s: waiting for the host: %w", req.URL, err)
	}
	resp, err = r.client.Do(ctx, req)
	seen = time.Now()
	outcome := string(web.Of(err))
	if err == nil {
		outcome = fmt.Sprintf("%dxx", resp.Status/100)
		r.metrics.bytes.WithLabelValues(kind).Add(float64(len(resp.Body)))
	}
	if err == nil && resp.Truncated == nil {
		seen = resp.SeenAt // else the connection was cut, which a host may take some time to notice
	}
	r.pace.done(host, seen)
	r.metrics.fetches.WithLabelValues(kind, outcome).Inc()
	return resp, seen, err
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
	clean, err := weburl.Normalize(to.String())
	if err != nil {
		return ""
	}
	// The host in its normal form, for a host under two names would be two hosts with a turn each. The rest as it is:
	// some servers insist on the very parameters that normalising takes away.
	if normal, err := url.Parse(clean); err == nil {
		to.Scheme, to.Host = normal.Scheme, normal.Host
	}
	return to.String()
}

// permanent reports whether a redirect says that the resource has moved for good.
func permanent(status int) bool {
	return status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect
}

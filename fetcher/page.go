package fetcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// pageTurn requests a page and passes it on.
func (f *Fetcher) pageTurn(ctx context.Context, t story.Turn, res story.TurnResult) (story.TurnResult, error) {
	e, retries := t.Entry, f.cfg.Timings.Retries
	feed, _ := f.feedOf(e.Feed)
	req := web.Request{URL: e.URL, Accept: acceptPage, SkipBody: notWanted, Header: f.secrets(feed, e.URL)}
	if e.Revisit && e.Since > 0 {
		// Of a page no validator is kept; when it was fetched last does for one (RFC 9110 section 13.1.3).
		req.LastModified = time.UnixMilli(e.Since).UTC().Format(http.TimeFormat)
	}
	resp, seen, err := f.get(ctx, kindPage, req)
	if web.Of(err) == web.Canceled {
		return res, err
	}
	if err == nil {
		defer resp.Close()
	}
	now := time.Now()
	if err == nil && resp.Status == http.StatusNotModified && req.LastModified != "" {
		f.rest(&res, e, seen, f.penalty(&res, verdict{}))
		res.State.Edits = addEdit(res.State.Edits, e, now)
		res.Done = true
		return res, nil
	}
	v := judge(e.URL, resp, err, now)
	if v == (verdict{}) {
		v = readable(resp, e.Attempt >= len(retries))
	}
	f.rest(&res, e, seen, f.penalty(&res, v))
	f.noteWall(&res.State, v, now)
	switch {
	case v.redirect != "":
		return f.follow(ctx, e, res, v)
	case v.retry && e.Attempt < len(retries) && age(e, now) < 2*maxWait+f.cfg.Timings.Patience:
		wait := max(backoff(retries[e.Attempt], 1, maxWait), res.Pause)
		e.Attempt++
		if err := f.frontier.Later(ctx, now.Add(wait), e); err != nil {
			return res, fmt.Errorf("try %s later: %w", e.URL, err)
		}
		f.metrics.retries.WithLabelValues(string(v.outcome)).Inc()
		res.Done = true
		return res, nil
	case v.outcome != "":
		if v.retry {
			v.reason = fmt.Sprintf("after %d tries: %s", e.Attempt+1, v.reason)
		}
		return f.settleOrStandIn(ctx, e, res, v)
	}
	return f.passOn(ctx, f.pageOf(e, resp, now), e, res, now)
}

// passOn publishes a page and remembers that it was fetched.
func (f *Fetcher) passOn(ctx context.Context, page story.Page, e story.Entry, res story.TurnResult, now time.Time) (story.TurnResult, error) {
	if err := f.pub.PublishPage(ctx, page); err != nil {
		if settled := fault.Of(err); settled.Action == fault.Settle {
			return f.settle(ctx, e, res, verdict{outcome: story.Outcome(settled.Outcome), reason: err.Error()})
		}
		return res, fmt.Errorf("publish %s: %w", e.Listed, err)
	}
	res.State.Seen = addSeen(res.State.Seen, e.ID)
	if e.Revisit {
		res.State.Edits = addEdit(res.State.Edits, e, now)
	}
	res.Done = true
	return res, nil
}

// follow hands an entry on to where a redirect leads. It keeps its id, visit and listed URL; on the same host it
// waits for the next turn there, on another it queues up, and that host's robots.txt is asked first.
func (f *Fetcher) follow(ctx context.Context, e story.Entry, res story.TurnResult, v verdict) (story.TurnResult, error) {
	switch {
	case e.Hops >= maxHops:
		return f.settle(ctx, e, res, verdict{outcome: story.FetchFailed, reason: fmt.Sprintf("more than %d redirects, the last to %s", maxHops, v.redirect)})
	case v.redirect == e.URL:
		return f.settle(ctx, e, res, verdict{outcome: story.FetchFailed, reason: "redirects to itself"})
	}
	if !weburl.SameSite(e.URL, v.redirect) {
		feed, _ := f.feedOf(e.Feed)
		e.Source = f.source(v.redirect, feed) // behind a shortener or a portal is the outlet
	}
	if err := f.handOn(ctx, e, res, v.redirect); err != nil {
		return res, err
	}
	if weburl.HostToken(v.redirect) != weburl.HostToken(e.URL) {
		res.State.Seen = addSeen(res.State.Seen, e.ID) // on the same host it comes back, and is not done yet
	}
	res.Done = true
	return res, nil
}

// settling is how long a turn may take to end after it has handed its entry on.
const settling = time.Second

// handOn queues the entry for the URL it was redirected to. It may not come back to a host before the turn there is
// over: until then it waits there still, and would be taken for that one.
func (f *Fetcher) handOn(ctx context.Context, e story.Entry, res story.TurnResult, to string) error {
	wait := settling
	if weburl.HostToken(to) == weburl.HostToken(e.URL) {
		wait = max(wait, res.Pause)
	} else if e.Hops == 0 {
		wait = 0
	}
	e.URL, e.Hops = to, e.Hops+1
	var err error
	if wait > 0 {
		err = f.frontier.Later(ctx, time.Now().Add(wait), e)
	} else {
		err = f.frontier.Enqueue(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("follow the redirect to %s: %w", to, err)
	}
	return nil
}

// kept are the response headers that later stages read.
var kept = []string{"Content-Language", "Last-Modified", "Date", "Link", "X-Robots-Tag"}

// squeezeFrom is the size from which an uncompressed body is worth compressing, in bytes.
const squeezeFrom = 1 << 10

func (r requester) pageOf(e story.Entry, resp *web.Response, now time.Time) story.Page {
	p := story.Page{
		ID: e.ID, Visit: e.Visit, URL: e.Listed, FinalURL: e.URL, Source: e.Source, Feed: e.Feed, Item: e.Item, Status: resp.Status,
		ContentType: cut(resp.Header.Get("Content-Type"), 200), ContentEncoding: cut(resp.Encoding(), 100), Body: resp.Body,
		FetchedAt: story.Instant(now), Header: map[string]string{},
	}
	for _, name := range kept {
		if value := resp.Header.Get(name); value != "" {
			p.Header[strings.ToLower(name)] = cut(value, 1000)
		}
	}
	if p.ContentEncoding == "" && len(p.Body) >= squeezeFrom {
		// What a server sent plain travels as small as the rest.
		p.Body, p.ContentEncoding = r.squeeze.EncodeAll(p.Body, make([]byte, 0, len(p.Body)/4)), "zstd"
	}
	sum := sha256.Sum256(p.Body)
	p.SHA256 = hex.EncodeToString(sum[:])
	return p
}

func cut(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

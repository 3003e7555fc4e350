package fetcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/story"
)

// poll is what an answer to a feed's request means: a verdict, or a document, or neither if nothing changed.
type poll struct {
	verdict
	doc  *feed.Document
	hash string
	// links are the feeds that a web page in the feed's place names; parts the sitemaps of an index.
	links []string
	parts []sitemap.Part
}

func (p poll) failed() bool { return p.outcome != "" }

// read reads an answer to a request for a feed at url. Documents are read a few at a time, by their size.
func (r requester) read(ctx context.Context, url string, st story.FeedState, resp *web.Response, err error, now time.Time) poll {
	if err == nil && resp.Status == http.StatusNotModified && (st.ETag != "" || st.LastModified != "") {
		return poll{verdict: verdict{state: StateNotModified}}
	}
	v := judge(url, resp, err, now)
	if v != (verdict{}) {
		return poll{verdict: v}
	}
	if isSitemap(url, resp) {
		return r.readSitemap(ctx, url, st, resp, now)
	}
	fail := func(state, format string, args ...any) poll {
		return poll{verdict: verdict{outcome: story.FetchFailed, state: state, reason: fmt.Sprintf(format, args...)}}
	}
	room := int64(len(resp.Body))
	if resp.Encoding() != "" {
		room *= maxRatio
	}
	room = min(room, maxDecoded)
	if err := r.reading.Acquire(ctx, room); err != nil {
		return fail(StateTimeout, "this machine is busy with other feeds")
	}
	defer func() { r.reading.Release(room) }()
	body, err := resp.Decoded(maxDecoded, maxRatio)
	if web.Of(err) == web.TooLarge {
		return fail(StateTooLarge, "%v", err)
	}
	if used := int64(len(body)); used < room {
		r.reading.Release(room - used)
		room = used
	}
	damage := errors.Join(err, resp.Truncated)
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:16])
	if hash == st.BodyHash && damage == nil {
		return poll{verdict: verdict{state: StateNotModified}}
	}
	if damage != nil {
		hash = "" // the whole may follow
	}
	text, _ := charset.DecodeXML(body, resp.Header.Get("Content-Type"))
	doc, err := feed.Read(text, url, now)
	switch {
	case errors.Is(err, feed.ErrHTML):
		reason := "a web page stands where the feed should be"
		links := feed.Discover(text, url)
		if len(links) > 0 {
			reason += "; it links to the feed " + links[0] + ": write that into the list"
		}
		p := fail(StateHTML, "%s", reason)
		p.links = links
		return p
	case err != nil && (web.Of(resp.Truncated) == web.Slow || web.Of(resp.Truncated) == web.Timeout):
		return poll{verdict: judge(url, nil, resp.Truncated, now)}
	case err != nil && damage != nil:
		return fail(StateBadXML, "%v; %v", err, damage)
	case err != nil:
		return fail(StateBadXML, "%v", err)
	}
	p := poll{verdict: verdict{state: StateOK}, doc: &doc, hash: hash}
	switch {
	case len(doc.Items) == 0:
		p.state, p.reason = StateEmpty, "The feed lists nothing."
	case doc.Undated == len(doc.Items):
		p.state, p.reason = StateUndated, "No item has a date, so what is new is known only by what was not there before."
	case doc.Damage != "":
		p.reason = doc.Damage
	}
	return p
}

func healthy(state string) bool {
	switch state {
	case StateOK, StateNotModified, StateUndated, StateMoved, StateNew, "":
		return true
	}
	return false
}

func header(resp *web.Response) http.Header {
	if resp == nil {
		return nil
	}
	return resp.Header
}

// maxAge is how long the server says that its answer stays fresh (RFC 9111 section 4.2), less its age, and at most
// mostFresh: what claims to stay as it is for a year means its address.
func maxAge(h http.Header) time.Duration {
	var fresh time.Duration
	for _, part := range strings.Split(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), ",") {
		part = strings.TrimSpace(part)
		if part == "no-cache" || part == "no-store" {
			return 0
		}
		if value, ok := strings.CutPrefix(part, "max-age="); ok {
			n, err := strconv.Atoi(strings.Trim(value, `"`))
			old, _ := strconv.Atoi(h.Get("Age"))
			if err == nil && n > old {
				fresh = time.Duration(min(n-max(old, 0), int(mostFresh.Seconds()))) * time.Second
			}
		}
	}
	return fresh
}

const mostFresh = 24 * time.Hour

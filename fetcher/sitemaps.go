package fetcher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	// sitemapPages are taken of a sitemap, the newest first: as many as a news sitemap may have.
	sitemapPages = 1000
	// sitemapParts are polled of an index at a time: those that changed since, and undatedParts of those without a date, with
	// "news" in their address and without, since nothing else tells whether they did.
	sitemapParts = 20
	undatedParts = 5
	// partsRoom is what the addresses of an index's sitemaps may take in its state, in bytes.
	partsRoom = 256 << 10
	// sitemapRoom is what reading one may take of memory, whatever its size, in bytes.
	sitemapRoom = 1 << 20
)

// FormatSitemap and FormatSitemaps are the formats of a sitemap and of an index, beside those of feeds.
const (
	FormatSitemap  = "sitemap"
	FormatSitemaps = "sitemap index"
)

// isSitemap looks at the beginning of an answer: what a source is, is for it to say and not for the list.
func isSitemap(url string, resp *web.Response) bool {
	body, err := resp.Reader()
	if err != nil {
		return false
	}
	defer body.Close()
	head := make([]byte, 8<<10)
	n := 0
	for n < len(head) && err == nil {
		var more int
		more, err = body.Read(head[n:])
		n += more
	}
	return sitemap.Is(head[:n], url)
}

// readSitemap reads an answer that is a sitemap: its pages are items, the parts of an index are polls to come.
func (r requester) readSitemap(ctx context.Context, url string, st story.FeedState, resp *web.Response, now time.Time) poll {
	if err := r.reading.Acquire(ctx, sitemapRoom); err != nil {
		return poll{verdict: verdict{outcome: story.FetchFailed, state: StateTimeout, reason: "this machine is busy with other feeds"}}
	}
	defer r.reading.Release(sitemapRoom)
	sum := sha256.Sum256(resp.Body)
	hash := hex.EncodeToString(sum[:16])
	if hash == st.BodyHash && resp.Truncated == nil {
		return poll{verdict: verdict{state: StateNotModified}}
	}
	doc, err := sitemapOf(resp, sitemap.Options{
		Base: url, ContentType: resp.Header.Get("Content-Type"), Now: now, Since: now.Add(-r.cfg.SitemapAge), Max: sitemapPages,
	})
	switch {
	case errors.Is(err, sitemap.ErrNotSitemap):
		return poll{verdict: verdict{outcome: story.FetchFailed, state: StateHTML, reason: err.Error()}}
	case err != nil:
		return poll{verdict: verdict{outcome: story.FetchFailed, state: StateBadXML, reason: err.Error()}}
	}
	if doc.Damage != "" {
		hash = "" // the whole may follow
	}
	p := poll{verdict: verdict{state: StateOK, reason: doc.Damage}, doc: itemsOf(doc), hash: hash, parts: doc.Parts}
	r.metrics.items.WithLabelValues("over_cap").Add(float64(doc.Over))
	switch {
	case doc.Listed == 0:
		p.state, p.reason = StateEmpty, "The sitemap lists nothing."
	case !doc.Index && doc.Undated == doc.Listed && len(doc.Pages) == 0:
		p.state, p.reason = StateUndated, "No page of the sitemap has a date or news tags, so none can be told to be new."
	}
	return p
}

// itemsOf is a sitemap as a feed's document.
func itemsOf(doc sitemap.Document) *feed.Document {
	out := feed.Document{Format: FormatSitemap, Listed: doc.Listed, Newest: doc.Newest, Damage: doc.Damage}
	if doc.Index {
		out.Format = FormatSitemaps
	}
	for _, p := range doc.Pages {
		it := feed.Item{URL: p.URL, Publisher: p.Publisher}
		if item := ItemOf(p); item != nil {
			it.Item = *item
		}
		if p.Date().IsZero() {
			out.Undated++
		}
		out.Items = append(out.Items, it)
	}
	return &out
}

// queueParts queues the sitemaps of an index that may have something new, and keeps what it knows of them in st. After
// an answer that nothing has changed parts is nil, and those without a date are asked all the same, those first that have
// waited longest.
func (f *Fetcher) queueParts(ctx context.Context, in story.Feed, st *story.FeedState, above story.Entry, parts []sitemap.Part) error {
	known := make(map[string]int64, len(parts))
	if parts == nil {
		known = maps.Clone(st.Parts)
		for _, url := range slices.Sorted(maps.Keys(known)) {
			if known[url] <= 0 {
				parts = append(parts, sitemap.Part{URL: url})
			}
		}
	}
	waited := func(p sitemap.Part) int64 { // less is longer
		if p.Modified.IsZero() {
			return -st.Parts[p.URL]
		}
		return 0
	}
	slices.SortStableFunc(parts, func(a, b sitemap.Part) int { // news first, then as they came: the latest first
		return cmp.Or(newsRank(a.URL)-newsRank(b.URL), cmp.Compare(waited(a), waited(b)))
	})
	var entries []story.Entry
	undated, room := map[int]int{}, partsRoom
	for _, p := range parts {
		id, changed := story.NewID(p.URL), min(st.Parts[p.URL], 0)
		dated := !p.Modified.IsZero() && p.Modified.Unix() > 0
		if dated {
			changed = p.Modified.Unix()
		}
		if room -= len(p.URL); room < 0 {
			break // an index of very long addresses
		}
		if was, ok := st.Parts[p.URL]; ok && was == changed && dated {
			known[p.URL] = changed
			continue
		}
		if !weburl.SameSite(p.URL, above.URL) && !strings.HasSuffix(above.URL, "/robots.txt") {
			continue // an index is for its own site; where it is not, the site's robots.txt must say so
		}
		if _, own := f.feed(id); own {
			continue // on the list itself
		}
		if len(entries) >= sitemapParts || !dated && undated[newsRank(p.URL)] >= undatedParts {
			if !dated {
				known[p.URL] = changed
			}
			continue // for another time
		}
		if !dated {
			undated[newsRank(p.URL)]++
			changed = -above.Visit / 1000
		}
		known[p.URL] = changed
		entries = append(entries, story.Entry{
			ID: id, Visit: above.Visit, Priority: story.PriorityPoll, URL: p.URL, Listed: p.URL, Source: f.source(p.URL, in),
			Feed: in.URL, Part: above.Part + 1,
		})
	}
	if len(entries) > 0 {
		if err := f.frontier.Enqueue(ctx, entries...); err != nil {
			return fmt.Errorf("queue %d sitemaps: %w", len(entries), err)
		}
	}
	st.Parts = known
	return nil
}

func newsRank(url string) int {
	if strings.Contains(strings.ToLower(url), "news") {
		return 0
	}
	return 1
}

// partTurn polls a sitemap that an index of the list lists. It has a state of its own, and no schedule: the index has.
func (f *Fetcher) partTurn(ctx context.Context, t story.Turn, in story.Feed, res story.TurnResult) (story.TurnResult, error) {
	e := t.Entry
	st, revision, err := f.frontier.FeedState(ctx, e.ID)
	if err != nil {
		return res, fmt.Errorf("sitemap %s: state: %w", e.Listed, err)
	}
	now := time.Now()
	if e.Hops == 0 && (e.Visit < st.PolledAt.UnixMilli() || st.FreshUntil.After(now)) {
		res.Done = true // it was polled since its index was due, so indexes in a circle end; or the server says there is nothing new
		return res, nil
	}
	st.ID = e.ID
	got, resp, err := f.ask(ctx, kindSitemap, in, st, e, &res)
	if err != nil {
		return res, err
	}
	if resp != nil {
		defer resp.Close()
	}
	now = time.Now()
	if got.redirect != "" && got.redirect != e.URL && e.Hops < maxHops {
		if err := f.handOn(ctx, e, res, got.redirect); err != nil {
			return res, fmt.Errorf("sitemap %s: %w", e.Listed, err)
		}
		res.Done = true
		return res, nil
	}
	before := st.LastItem
	switch {
	case got.failed() || got.redirect != "":
		st.Failures++
	case got.doc == nil:
		st.Failures = 0
		noteValidators(&st, e.URL, resp)
	default:
		if err := f.list(ctx, in, &st, *got.doc, now); err != nil {
			return res, fmt.Errorf("sitemap %s: %w", e.Listed, err)
		}
		st.Failures, st.BodyHash = 0, got.hash
		noteValidators(&st, e.URL, resp)
	}
	if !got.failed() && (got.parts != nil || st.Parts != nil) && e.Part < maxSitemapDepth {
		if err := f.queueParts(ctx, in, &st, e, got.parts); err != nil {
			return res, fmt.Errorf("sitemap %s: %w", e.Listed, err)
		}
	}
	st.State, st.Reason, st.PolledAt, st.FreshUntil = got.state, got.reason, story.Instant(now), time.Time{}
	if fresh := max(maxAge(header(resp)), got.wait); fresh > 0 {
		st.FreshUntil = story.Instant(now.Add(fresh))
	}
	if err := f.frontier.PutFeedState(ctx, st, revision); err != nil {
		return res, fmt.Errorf("sitemap %s: store state: %w", e.Listed, err)
	}
	if err := f.tellIndex(ctx, in, e, got, st.LastItem.After(before), now); err != nil {
		f.log.Debug("what a sitemap brought is not in the state of its index", "feed", in.URL, "error", err)
	}
	res.Done = true
	return res, nil
}

// tellIndex notes in the state of a listed index how one of its sitemaps is: its rhythm is that of the index, and one that
// failed is asked again with it. Losing this to another writer costs nothing but that.
func (f *Fetcher) tellIndex(ctx context.Context, in story.Feed, e story.Entry, got poll, fresh bool, now time.Time) error {
	st, revision, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return err
	}
	st.ID = in.ID
	fault := ""
	if got.failed() {
		fault = cut(got.reason, 300)
		if _, known := st.Parts[e.Listed]; known {
			st.Parts[e.Listed] = -now.Unix() // as one without a date: in its turn
		}
	}
	if !fresh && st.PartFaults[e.Listed] == fault {
		return nil
	}
	before := faultWords(st)
	faults := maps.Clone(st.PartFaults)
	delete(faults, e.Listed)
	if fault != "" && len(faults) < faultsMost {
		if faults == nil {
			faults = map[string]string{}
		}
		faults[e.Listed] = fault
	}
	st.PartFaults = faults
	st.Reason = strings.TrimSpace(strings.TrimSuffix(st.Reason, before) + " " + faultWords(st))
	if fresh && fault == "" {
		last := st.LastItem
		st.LastItem, st.ChangedAt = story.Instant(now), story.Instant(now)
		learn(&st, *got.doc, last)
		if in.Interval == 0 {
			st.Interval = min(max(adapt(*got.doc, st.Interval, st.LastItem, now), f.cfg.MinInterval), f.cfg.MaxInterval)
		}
	}
	return f.frontier.PutFeedState(ctx, st, revision)
}

// faultsMost sitemaps of an index are told of that cannot be read.
const faultsMost = 5

// faultWords say which sitemaps of an index cannot be read.
func faultWords(st story.FeedState) string {
	words := make([]string, 0, len(st.PartFaults))
	for _, url := range slices.Sorted(maps.Keys(st.PartFaults)) {
		words = append(words, fmt.Sprintf("The sitemap %s: %s.", url, st.PartFaults[url]))
	}
	return strings.Join(words, " ")
}

// forgetFaults drops those of sitemaps that an index lists no longer.
func forgetFaults(st *story.FeedState, parts []sitemap.Part) {
	faults := maps.Clone(st.PartFaults)
	maps.DeleteFunc(faults, func(url, _ string) bool {
		return !slices.ContainsFunc(parts, func(p sitemap.Part) bool { return p.URL == url })
	})
	st.PartFaults = faults
}

// refusePart ends the poll of a sitemap that robots.txt does not allow.
func (f *Fetcher) refusePart(ctx context.Context, e story.Entry, in story.Feed, res story.TurnResult, v verdict) (story.TurnResult, error) {
	if err := f.tellIndex(ctx, in, e, poll{verdict: v}, false, time.Now()); err != nil {
		f.log.Debug("a sitemap that may not be asked for is not in the state of its index", "feed", in.URL, "error", err)
	}
	res.Done = true
	return res, nil
}

package fetcher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// backfillAge is how old an item may be before its page waits behind fresher ones.
const backfillAge = 14 * 24 * time.Hour

// digestBytes are kept of the hash of what a feed says of an item.
const digestBytes = 6

// list queues the pages of a feed's new and changed items and accounts for them. What the feed says of each item
// goes into the state only after queue and ledger have taken them, so that nothing is lost in between.
func (f *Fetcher) list(ctx context.Context, in story.Feed, st *story.FeedState, doc feed.Document, now time.Time) error {
	var (
		entries []story.Entry
		ledger  []story.LedgerEntry
		items   = make(map[story.ID]string, len(doc.Items))
		visit   = now.UnixMilli()
		fresh   bool
		least   = min(f.cfg.MinInterval, time.Hour)
	)
	if in.Interval > 0 {
		least = min(least, in.Interval)
	}
	for _, it := range doc.Items {
		url := it.URL
		if url == "" {
			url = it.Raw
		}
		id := story.NewID(url)
		if _, twice := items[id]; twice {
			continue
		}
		old, known := st.Items[id]
		text, date := digest(it.Item)
		items[id] = text + date + "." + stamp(now)
		changed := known && !strings.HasPrefix(old, text+date+".")
		least := least
		if strings.HasPrefix(old, text) {
			least = max(least, f.cfg.MaxInterval) // a new date alone: many feeds date everything anew with every poll
		}
		if known && (!changed || lately(old, least, now)) {
			items[id] = old
			f.metrics.items.WithLabelValues("known").Inc()
			continue
		}
		fresh = fresh || !known
		item := it.Item
		e := story.Entry{
			ID: id, Visit: visit, Priority: story.PriorityPage, URL: url, Listed: url, Source: f.source(url, in), Feed: in.URL, Item: &item,
			Revisit: known, Trace: begin(ctx, url),
		}
		if e.Source.Name == e.Source.ID || e.Source.Name == weburl.Site(e.Source.Host) {
			e.Source.Name = cmp.Or(it.Publisher, e.Source.Name) // nobody knows it, and its sitemap says whose it is
		}
		if queued, ok := queuedAt(old); ok {
			e.Since = queued.UnixMilli()
		}
		if at := dated(it.Item); !at.IsZero() && now.Sub(at) > backfillAge {
			e.Priority = story.PriorityBackfill
		}
		if it.URL == "" {
			e.Source = f.source(in.URL, in)
			f.metrics.items.WithLabelValues("unusable").Inc()
			if !known {
				ledger = append(ledger, listing(e, now), outcomeOf(e, story.FetchFailed, fmt.Sprintf("the feed gives %q, which is not an address that can be requested", it.Raw)))
			}
			continue
		}
		if known {
			f.metrics.items.WithLabelValues("changed").Inc()
		} else {
			f.metrics.items.WithLabelValues("new").Inc()
			ledger = append(ledger, listing(e, now))
		}
		entries = append(entries, e)
	}
	f.metrics.items.WithLabelValues("over_cap").Add(float64(max(0, doc.Listed-max(feed.MaxItems, len(doc.Items)))))
	if len(ledger) > 0 {
		if err := f.pub.PublishLedger(ctx, ledger...); err != nil {
			return fmt.Errorf("account for %d items: %w", len(ledger), err)
		}
	}
	if len(entries) > 0 {
		if err := f.frontier.Enqueue(ctx, entries...); err != nil {
			return fmt.Errorf("queue %d pages: %w", len(entries), err)
		}
	}
	st.Items = items
	if fresh {
		st.LastItem = story.Instant(now)
	}
	return nil
}

func listing(e story.Entry, now time.Time) story.LedgerEntry {
	l := outcomeOf(e, story.Listed, "")
	l.At = story.Instant(now)
	return l
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 36) }

// lately reports whether an item was queued less than least ago, so that a change may wait: feeds that reword an item
// with every poll would have its page fetched as often.
func lately(value string, least time.Duration, now time.Time) bool {
	at, ok := queuedAt(value)
	return ok && now.Sub(at) < least
}

// queuedAt is when an item's page was last queued.
func queuedAt(value string) (time.Time, bool) {
	_, queued, _ := strings.Cut(value, ".")
	at, err := strconv.ParseInt(queued, 36, 64)
	return time.Unix(at, 0), err == nil
}

// digest are short hashes of what a feed says of an item, and of when. Markup, digits and blanks do not count:
// counters of comments and sizes of images change without the story doing so.
func digest(it story.Item) (text, date string) {
	short := func(n int, parts ...any) string {
		sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
		return base64.RawURLEncoding.EncodeToString(sum[:n])
	}
	at := dated(it)
	if it.Updated != nil {
		at = *it.Updated
	}
	return short(digestBytes, it.Title, words(it.Summary), words(it.Content)), short(3, at.Unix())
}

func words(html string) string {
	inTag := false
	return strings.Map(func(c rune) rune {
		switch {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
			return -1
		}
		if inTag || !unicode.IsLetter(c) {
			return -1
		}
		return c
	}, html)
}

func dated(it story.Item) time.Time {
	switch {
	case it.Published != nil:
		return *it.Published
	case it.Updated != nil:
		return *it.Updated
	}
	return time.Time{}
}

// begin is where the trace of a page begins: one of its own, for a poll may list hundreds, with a link to the poll that
// listed it (W3C Trace Context). Nobody has to record it.
func begin(ctx context.Context, url string) string {
	poll := trace.SpanFromContext(ctx)
	_, span := poll.TracerProvider().Tracer("github.com/spywire/spywire/fetcher").Start(ctx, "listed", trace.WithNewRoot(),
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithLinks(trace.Link{SpanContext: poll.SpanContext()}),
		trace.WithAttributes(attribute.String("url.full", url)))
	defer span.End()
	sc := span.SpanContext()
	if !sc.IsValid() {
		return ""
	}
	return fmt.Sprintf("00-%s-%s-%s", sc.TraceID(), sc.SpanID(), sc.TraceFlags())
}

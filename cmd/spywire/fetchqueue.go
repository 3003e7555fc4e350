package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/sitemap"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
	"github.com/spywire/spywire/sink"
)

// backfillBatch is how many pages are queued at once.
const backfillBatch = 200

// What became of each page that was asked for.
const (
	statusQueued  = "queued"
	statusKnown   = "known"
	statusRefused = "refused"
)

// asked is a page that was asked for, and what became of it.
type asked struct {
	URL     string        `json:"url"`
	ID      story.ID      `json:"id,omitempty"`
	Where   string        `json:"where,omitempty"` // the list and line, or the sitemap
	Status  string        `json:"status"`
	Outcome story.Outcome `json:"outcome,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Into    story.ID      `json:"into,omitempty"` // the id it was merged into
	At      time.Time     `json:"at,omitzero"`    // of the outcome

	visit int64
	again bool
}

// backfillQueue queues pages and remembers what became of each.
type backfillQueue struct {
	f           backfill
	out, errOut io.Writer
	b           *bus.Bus
	frontier    *bus.Frontier
	store       app.Store // nil where there is none to be read
	outlets     fetcher.Outlets
	hosts       map[string]story.HostState
	wait        *waiter // nil without --wait

	seen    map[story.ID]bool
	pages   []*asked // all, in order, for --json and --wait
	count   map[string]int
	trouble int // sitemaps that could not be read
	entries []story.Entry
	ledger  []story.LedgerEntry
	waiting []*asked // of entries
}

func openBackfill(ctx context.Context, cfg config.Config, t bus.Timings, f backfill, out, errOut io.Writer) (*backfillQueue, error) {
	outlets, err := app.KnownOutlets()
	if err != nil {
		return nil, err
	}
	b, err := app.Client(ctx, cfg, "spywire fetch", t)
	if err != nil {
		return nil, err
	}
	q := &backfillQueue{
		f: f, out: out, errOut: errOut, b: b, frontier: b.Frontier(bus.FrontierOptions{}), outlets: outlets,
		hosts: map[string]story.HostState{}, seen: map[story.ID]bool{}, count: map[string]int{},
	}
	// Beside a NATS of its own the store may be on another machine, and what lies in data_dir be of another time: then
	// the hosts' rings say what was fetched lately.
	if cfg.NATS.URL == "" || cfg.Store != "" {
		if q.store, err = app.OpenStoreReadOnly(ctx, cfg); err != nil {
			q.close()
			return nil, err
		}
	}
	if f.wait {
		q.wait = newWaiter(ctx, b, q.store)
	}
	return q, nil
}

func (q *backfillQueue) close() {
	if q.wait != nil {
		q.wait.stop()
	}
	if q.store != nil {
		_ = q.store.Close() // only read from
	}
	_ = q.b.Close() // what was published is acknowledged
}

// add queues a page, or says why not.
func (q *backfillQueue) add(ctx context.Context, c candidate, match func(string) bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e, listing, err := fetcher.ByHand(c.url, c.item, q.outlets, q.f.again, time.Now())
	if err != nil {
		return q.say(&asked{URL: c.url, Where: c.where, Status: statusRefused, Reason: err.Error()})
	}
	if q.seen[e.ID] || match != nil && !match(e.URL) {
		return nil
	}
	q.seen[e.ID] = true
	a := &asked{URL: e.URL, ID: e.ID, Where: c.where, Status: statusQueued, visit: e.Visit, again: q.f.again}
	if err := q.known(ctx, a, e); err != nil {
		return err
	}
	if a.Status != statusQueued {
		return q.say(a)
	}
	q.entries, q.ledger, q.waiting = append(q.entries, e), append(q.ledger, listing), append(q.waiting, a)
	if len(q.entries) < backfillBatch {
		return nil
	}
	return q.flush(ctx)
}

// known looks for a page in the ledger, or else in its host's ring.
func (q *backfillQueue) known(ctx context.Context, a *asked, e story.Entry) error {
	if q.store != nil {
		current, _, err := q.store.Life(ctx, e.ID)
		switch {
		case errors.Is(err, sink.ErrNotFound):
			return nil
		case err != nil:
			return fmt.Errorf("looking for %s in the ledger: %w", e.URL, err)
		case current.Outcome == story.Forgotten:
			a.Status, a.Reason = statusRefused, "it was forgotten on a person's word, and stays so"
		case q.f.again:
		case current.Outcome.Settled():
			a.Status, a.Outcome, a.Reason, a.At = statusKnown, current.Outcome, current.Reason, current.At
		default:
			a.Status, a.Outcome, a.Reason, a.At = statusKnown, current.Outcome, "it is under way", current.At
		}
		return nil
	}
	if q.f.again {
		return nil
	}
	token := weburl.HostToken(e.URL)
	host, ok := q.hosts[token]
	if !ok {
		var err error
		if host, _, err = q.frontier.HostState(ctx, token); err != nil {
			return fmt.Errorf("state of the host of %s: %w", e.URL, err)
		}
		q.hosts[token] = host
	}
	if fetcher.Fetched(host, e.ID) {
		a.Status, a.Reason = statusKnown, "it was fetched lately"
	}
	return nil
}

// flush queues what was collected: in the ledger first, so that no page is fetched that nobody accounts for.
func (q *backfillQueue) flush(ctx context.Context) error {
	if len(q.entries) == 0 {
		return nil
	}
	if q.wait != nil {
		q.wait.expect(q.waiting...)
	}
	if err := q.b.PublishLedger(ctx, q.ledger...); err != nil {
		return fmt.Errorf("accounting for %d pages: %w", len(q.entries), err)
	}
	if err := q.frontier.Enqueue(ctx, q.entries...); err != nil {
		return fmt.Errorf("queueing %d pages: %w", len(q.entries), err)
	}
	for _, a := range q.waiting {
		if err := q.say(a); err != nil {
			return err
		}
	}
	q.entries, q.ledger, q.waiting = nil, nil, nil
	return nil
}

// addSitemaps reads the sitemaps and queues what they list.
func (q *backfillQueue) addSitemaps(ctx context.Context, cfg config.Config, urls []string, o sitemap.Options) error {
	if len(urls) == 0 {
		return nil
	}
	visitor, err := fetcher.NewVisitor(cfg.Fetch, q.outlets)
	if err != nil {
		return err
	}
	defer visitor.Close()
	progress := newProgress(q.errOut, "pages")
	defer progress.done()
	trouble := func(url string, err error) {
		progress.clear()
		q.trouble++
		fmt.Fprintf(q.errOut, "spywire: %s: %s\n", harmless(url), harmless(err.Error()))
	}
	for _, url := range urls {
		walk := fetcher.Walk{
			Trouble: trouble,
			Found: func(url string, doc sitemap.Document) error {
				progress.clear()
				return q.addPages(ctx, url, doc.Pages)
			},
			Progress: func(url string, read, left int) {
				progress.say("sitemap %d of %d: %s", read+1, read+left, harmless(url))
			},
		}
		if err := visitor.Walk(ctx, url, o, walk); ctx.Err() != nil {
			return err
		} else if err != nil {
			trouble(url, err)
		}
	}
	return nil
}

// Package fetcher turns a list of feeds into pages: it wakes feeds, polls them, queues what they list, requests
// the pages, each host one request at a time, and accounts for every URL that ends here. It decides what
// is requested, when, and what an answer means; the queue, the leases on hosts and the schedules belong
// to a Frontier.
//
// One turn is one request: a host's robots.txt, a feed, a page, or a word with a WebSub hub. See turn.go for the order of things, verdict.go for
// what every status and failure means.
package fetcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

// Frontier is the queue of what waits for each host, the leases on hosts, the schedules of feeds and the state
// of feeds, all shared by every replica.
type Frontier interface {
	// Work leases hosts that have something waiting and calls turn with the next entry of each, at most workers at a
	// time and never two for one host.
	Work(ctx context.Context, workers int, turn func(context.Context, story.Turn) (story.TurnResult, error)) error
	// Enqueue puts entries in line; one that waits already (same host, priority and id) stays as it is.
	Enqueue(ctx context.Context, entries ...story.Entry) error
	// Later enqueues the entry at an instant.
	Later(ctx context.Context, at time.Time, entry story.Entry) error
	// Wake puts or replaces the feed's schedule.
	Wake(ctx context.Context, feed story.ID, every time.Duration) error
	// WakeNew makes feeds that have no schedule due once, each at its instant; the others keep theirs.
	WakeNew(ctx context.Context, wakes ...story.Wake) error
	// Retire removes the feed's schedule.
	Retire(ctx context.Context, feed story.ID) error
	// Woken are the feeds that have a schedule.
	Woken(ctx context.Context) (map[story.ID]bool, error)
	// Due enqueues the pages that schedules fire and calls feed for each feed that is due.
	Due(ctx context.Context, feed func(context.Context, story.ID) error) error
	FeedState(ctx context.Context, id story.ID) (story.FeedState, uint64, error)
	PutFeedState(ctx context.Context, state story.FeedState, revision uint64) error
	// HostState is what is known of a host by its token; only a turn of the host changes it.
	HostState(ctx context.Context, host string) (story.HostState, uint64, error)
	// Subscription is a feed's subscription at a hub, the zero value if there is none.
	Subscription(ctx context.Context, feed story.ID) (story.Subscription, uint64, error)
	PutSubscription(ctx context.Context, sub story.Subscription, revision uint64) error
}

// Publisher takes what a turn brings.
type Publisher interface {
	// PublishPage returns a fault.Drop with too_large for a page that cannot travel.
	PublishPage(ctx context.Context, page story.Page) error
	PublishLedger(ctx context.Context, entries ...story.LedgerEntry) error
}

// Outlets names the outlet behind a host, if it is known.
type Outlets func(host string) (name, country string, ok bool)

// Fetcher does the turns.
type Fetcher struct {
	requester
	feeds    *feedlist.List
	frontier Frontier
	pub      Publisher
	outlets  Outlets
	log      *slog.Logger

	push *pusher // nil without a callback_url

	lastSummary string // of the feeds' states, as logged

	mu    sync.Mutex
	index feedIndex
}

// New makes a fetcher. Outlets may be nil.
func New(cfg Config, feeds *feedlist.List, frontier Frontier, pub Publisher, outlets Outlets, log *slog.Logger, reg prometheus.Registerer) (*Fetcher, error) {
	if faults := cfg.Validate(); len(faults) > 0 {
		return nil, fmt.Errorf("fetch: %w", errors.Join(faults...))
	}
	cfg = cfg.withDefaults()
	r, err := newRequester(cfg, newMetrics(reg))
	if err != nil {
		return nil, err
	}
	feeds.Instrument(reg)
	f := &Fetcher{requester: r, feeds: feeds, frontier: frontier, pub: pub, outlets: outlets, log: log}
	f.push = newPusher(f)
	return f, nil
}

// Run keeps the schedules in step with the feed list, queues what is due and does turns until the context ends.
func (f *Fetcher) Run(ctx context.Context) error {
	defer f.client.Close()
	changed := make(chan struct{}, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		f.feeds.Watch(ctx, f.log, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
		return nil
	})
	g.Go(func() error { return f.keepSchedules(ctx, changed) })
	g.Go(func() error { return f.survey(ctx) })
	g.Go(func() error { return f.frontier.Due(ctx, f.due) })
	g.Go(func() error { return f.frontier.Work(ctx, f.cfg.Workers, f.turn) })
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

package sink

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// SweepOptions say when a listed URL without an outcome counts as lost.
type SweepOptions struct {
	After time.Duration // since it was listed; doubles with every try; 0 is DefaultSweepAfter
	Tries int           // times it is queued again before it is given up; 0 is DefaultSweepTries
	Limit int           // URLs in one Sweep; 0 is DefaultSweepLimit
}

// The sweeper's defaults. Two hours outlast the pipeline's longest back-off (1 h) and the window in which a
// page with the same message id is swallowed as a duplicate (1 h); five tries reach over five days.
const (
	DefaultSweepAfter = 2 * time.Hour
	DefaultSweepTries = 5
	DefaultSweepLimit = 1000
)

func (o SweepOptions) withDefaults() SweepOptions {
	if o.After <= 0 {
		o.After = DefaultSweepAfter
	}
	if o.Tries <= 0 {
		o.Tries = DefaultSweepTries
	}
	if o.Limit <= 0 {
		o.Limit = DefaultSweepLimit
	}
	return o
}

// Sweep looks for listed URLs whose outcome is overdue and hands each to requeue, which must put it on the
// queue durably (QueueEntry makes what goes there; that it is still queued is no error). Every try is an event
// in the URL's life. After the last, the URL ends as fetch_failed, an outcome that any later word of the parser,
// classifier or sink on the same visit overrules.
//
// It returns how many URLs were queued again and how many were given up. The first error of requeue ends it;
// what was queued until then is accounted for.
func (s *Sink) Sweep(ctx context.Context, requeue func(context.Context, story.LedgerEntry) error) (queued, lost int, err error) {
	due, err := s.overdue(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("sweep: look for overdue URLs: %w", err)
	}
	var steps []story.LedgerEntry
	for _, u := range due {
		step := u.LedgerEntry
		step.At, step.Into = story.Instant(s.now()), ""
		if u.Tries >= s.sweep.Tries {
			step.Stage, step.Outcome = story.StageFetcher, story.FetchFailed
			step.Reason = fmt.Sprintf("lost on the way: queued again %d times without an outcome", u.Tries)
			steps, lost = append(steps, step), lost+1
			continue
		}
		if err = requeue(ctx, u.LedgerEntry); err != nil {
			err = fmt.Errorf("sweep: queue %s again: %w", u.URL, err)
			break
		}
		step.Stage = story.StageSink
		step.Reason = fmt.Sprintf("no outcome since %s: queued again, try %d of %d",
			u.At.Format(time.RFC3339), u.Tries+1, s.sweep.Tries)
		steps, queued = append(steps, step), queued+1
	}
	if wrote := s.Ledger(context.WithoutCancel(ctx), steps); wrote != nil {
		return 0, 0, fmt.Errorf("sweep: account for %d URLs: %w", len(steps), wrote)
	}
	return queued, lost, err
}

// overdue are the URLs that have waited their time, the longest waiting first.
func (s *Sink) overdue(ctx context.Context) ([]Unsettled, error) {
	now := s.now()
	var due []Unsettled
	for u, err := range s.store.Unsettled(ctx, now.Add(-s.sweep.After)) {
		if err != nil {
			return nil, err
		}
		if u.At.Add(s.sweep.After << min(u.Tries, s.sweep.Tries)).After(now) {
			continue
		}
		if due = append(due, u); len(due) == s.sweep.Limit {
			break
		}
	}
	return due, nil
}

// QueueEntry is the request that fetches a listed URL again, under the visit it had. It goes behind what feeds
// list now, and asks for the fetch although the host may have served the page before. The ledger has of the
// source its id only: the name and country are for the caller to look up.
func QueueEntry(e story.LedgerEntry) story.Entry {
	return story.Entry{
		ID: e.ID, Visit: e.Visit, Priority: story.PriorityBackfill, URL: e.URL, Listed: e.URL,
		Source: story.Source{ID: e.Source, Host: weburl.Host(e.URL)}, Feed: e.Feed, Revisit: true,
	}
}

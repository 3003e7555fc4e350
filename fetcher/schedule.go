package fetcher

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spywire/spywire/internal/story"
)

const (
	reconcileEvery = time.Hour
	reconcileRetry = 10 * time.Second
	// New feeds are first polled one after the other, this far apart, so that a long list is no burst.
	spread       = 50 * time.Millisecond
	summaryEvery = time.Minute
	// A feed that was gone is looked at once more after this time.
	goneFor = 30 * 24 * time.Hour
)

// keepSchedules reconciles at the start, hourly, and when the list has changed.
func (f *Fetcher) keepSchedules(ctx context.Context, changed <-chan struct{}) error {
	summary := time.NewTicker(summaryEvery)
	defer summary.Stop()
	for {
		wait := reconcileEvery
		if err := f.reconcile(ctx); err != nil && ctx.Err() == nil {
			f.log.Warn("feed schedules are not in step with the list yet", "error", err, "again_in", reconcileRetry)
			wait = reconcileRetry
		}
		next := time.After(wait)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
				waiting = false
			case <-next:
				waiting = false
			case <-summary.C:
				f.summarise()
			}
		}
	}
}

// summarise says in one line how the feeds are, when that has changed: a network that is down is one line and
// not one for every feed.
func (f *Fetcher) summarise() {
	if now := f.metrics.summary(); now != f.lastSummary && now != "" {
		f.lastSummary = now
		f.log.Info("feeds", "states", now)
	}
}

// reconcile gives every feed of the list a schedule and takes away those of feeds that left it. A feed that has none is
// queued for its first poll at once.
func (f *Fetcher) reconcile(ctx context.Context) error {
	woken, err := f.frontier.Woken(ctx)
	if err != nil {
		return fmt.Errorf("list schedules: %w", err)
	}
	var errs []error
	wanted := map[story.ID]bool{}
	for _, in := range f.feeds.Feeds() {
		if in.Disabled != "" {
			continue
		}
		wanted[in.ID] = true
		if err := f.wake(ctx, in, woken[in.ID]); err != nil {
			errs = append(errs, fmt.Errorf("feed %s: %w", in.URL, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for id := range woken {
		if wanted[id] {
			continue
		}
		if err := f.frontier.Retire(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("feed %s left the list: %w", id, err))
		}
		f.metrics.feed(id, "")
	}
	return errors.Join(errs...)
}

func (f *Fetcher) wake(ctx context.Context, in story.Feed, woken bool) error {
	now := time.Now()
	st, _, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return err
	}
	if st.State != "" {
		f.metrics.feed(in.ID, st.State)
	}
	fixed := in.Interval > 0 && st.Interval > 0 && in.Interval != st.Interval
	gone := st.State == StateGone && now.Sub(st.PolledAt) < goneFor
	if gone || woken && !fixed {
		return nil
	}
	every := failing(max(st.Interval, f.cfg.MinInterval), st.Failures)
	if in.Interval > 0 {
		every = in.Interval
	}
	if fixed || now.After(st.NextPoll) {
		if err := f.frontier.Enqueue(ctx, pollEntry(in, st, f.source(in.URL, in), now)); err != nil {
			return fmt.Errorf("queue the first poll: %w", err)
		}
		defer pause(ctx, rand.N(2*spread))
	}
	return f.frontier.Wake(ctx, in.ID, every)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// due makes the entry of a feed whose schedule fired; false ends the schedule.
func (f *Fetcher) due(ctx context.Context, id story.ID) (story.Entry, bool, error) {
	in, ok := f.feed(id)
	if !ok || in.Disabled != "" {
		return story.Entry{}, false, nil
	}
	st, _, err := f.frontier.FeedState(ctx, id)
	if err != nil {
		return story.Entry{}, false, fmt.Errorf("feed %s: state: %w", in.URL, err)
	}
	now := time.Now()
	if st.State == StateGone && now.Sub(st.PolledAt) < goneFor {
		return story.Entry{}, false, nil
	}
	return pollEntry(in, st, f.source(in.URL, in), now), true, nil
}

func pollEntry(in story.Feed, st story.FeedState, source story.Source, now time.Time) story.Entry {
	return story.Entry{
		ID: in.ID, Visit: now.UnixMilli(), Priority: story.PriorityPoll, URL: first(st.URL, in.URL), Listed: in.URL,
		Source: source, Feed: in.URL,
	}
}

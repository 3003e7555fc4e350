package fetcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/internal/story"
)

const (
	reconcileEvery = time.Hour
	reconcileRetry = 10 * time.Second
	// New feeds are first polled one after the other, this far apart, so that a long list is no burst.
	spread       = 10 * time.Millisecond
	summaryEvery = time.Minute
	// A feed that was gone is looked at once more after this time.
	goneFor = 30 * 24 * time.Hour
	// stateReads are under way at once where the states of many feeds are read.
	stateReads = 8
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

// reconcile gives every feed of the list a schedule and takes away those of feeds that left it: one write for each that
// changed, and none where nothing did. It reads no feed's state, but for those whose interval a person has set, so
// that a list of a hundred thousand feeds is in step at once.
func (f *Fetcher) reconcile(ctx context.Context) error {
	woken, err := f.frontier.Woken(ctx)
	if err != nil {
		return fmt.Errorf("list schedules: %w", err)
	}
	x := f.current()
	var fresh []story.Wake
	var fixed []story.Feed
	now := time.Now()
	for _, in := range x.list {
		switch {
		case in.Disabled != "":
			continue
		case !woken[in.ID]:
			fresh = append(fresh, story.Wake{Feed: in.ID, At: now.Add(time.Duration(len(fresh)) * spread)})
		case in.Interval > 0:
			fixed = append(fixed, in)
		}
	}
	var errs []error
	if len(fresh) > 0 {
		errs = append(errs, f.frontier.WakeNew(ctx, fresh...))
	}
	errs = append(errs, f.each(ctx, fixed, f.setInterval))
	for id := range woken {
		if i, listed := x.byID[id]; listed && x.list[i].Disabled == "" {
			continue
		}
		// Its hub first: without a schedule nothing would remind of it.
		err := f.push.left(ctx, id)
		if err == nil {
			err = f.frontier.Retire(ctx, id)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("feed %s left the list: %w", id, err))
		}
		f.metrics.feed(id, "")
	}
	return errors.Join(errs...)
}

// each calls do for every feed, a few at a time, and joins what went wrong, up to a few errors: all of them are likely
// to be one.
func (f *Fetcher) each(ctx context.Context, feeds []story.Feed, do func(context.Context, story.Feed) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(stateReads)
	for _, in := range feeds {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := do(ctx, in); err != nil {
				return fmt.Errorf("feed %s: %w", in.URL, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// setInterval polls a feed anew whose interval a person has changed.
func (f *Fetcher) setInterval(ctx context.Context, in story.Feed) error {
	st, _, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil || st.Interval == 0 || st.Interval == in.Interval || st.State == StateGone {
		return err
	}
	return f.wakeSoon(ctx, in, st, time.Now())
}

// due queues the poll of a feed whose schedule fired.
func (f *Fetcher) due(ctx context.Context, id story.ID) error {
	in, ok := f.feed(id)
	if !ok || in.Disabled != "" {
		return f.frontier.Retire(ctx, id)
	}
	st, _, err := f.frontier.FeedState(ctx, id)
	if err != nil {
		return fmt.Errorf("state of %s: %w", in.URL, err)
	}
	now := time.Now()
	if left := goneFor - now.Sub(st.PolledAt); st.State == StateGone && left > 0 {
		return f.frontier.Wake(ctx, id, left)
	}
	if st.PolledAt.IsZero() {
		// It was woken once, as a new feed: should its first poll never end, it is due again.
		if err := f.frontier.Wake(ctx, id, cmp.Or(in.Interval, f.cfg.MinInterval)); err != nil {
			return err
		}
	}
	return f.wakeSoon(ctx, in, st, now)
}

// wakeSoon queues a poll for now, or for when the server's word allows it: schedules fire up to a second early, and a
// feed may be due twice.
func (f *Fetcher) wakeSoon(ctx context.Context, in story.Feed, st story.FeedState, now time.Time) error {
	e := f.pollEntry(in, st, now)
	if st.FreshUntil.After(now) {
		return f.frontier.Later(ctx, st.FreshUntil, e)
	}
	return f.frontier.Enqueue(ctx, e)
}

func (f *Fetcher) pollEntry(in story.Feed, st story.FeedState, now time.Time) story.Entry {
	e := story.Entry{
		ID: in.ID, Visit: now.UnixMilli(), Priority: story.PriorityPoll, URL: cmp.Or(st.URL, st.Found, in.URL), Listed: in.URL,
		Source: f.source(in.URL, in), Feed: in.URL,
	}
	if st.Hop != "" && now.Before(st.HopUntil) {
		e.URL, e.Hops = st.Hop, 1 // the redirect is good for longer: its address need not be asked
	}
	return e
}

// survey counts the feeds by state, for the gauge: other replicas poll too. It takes its time over a long list. Feeds that no
// schedule has made due are polled.
func (f *Fetcher) survey(ctx context.Context) error {
	started := time.Now()
	for {
		began := time.Now()
		list := f.current().list
		late := began.Sub(started) > missedAfter+time.Duration(len(list))*spread
		if err := f.look(ctx, list, late, began); err != nil && ctx.Err() == nil {
			f.log.Debug("feeds by state could not be counted", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(summaryEvery, 50*time.Since(began))):
		}
	}
}

// look reads the state of every feed. late says that new ones should have been polled by now.
func (f *Fetcher) look(ctx context.Context, list []story.Feed, late bool, now time.Time) error {
	var woken atomic.Int64
	err := f.each(ctx, list, func(ctx context.Context, in story.Feed) error {
		if in.Disabled != "" {
			f.metrics.feed(in.ID, StateDisabled)
			return nil
		}
		st, _, err := f.frontier.FeedState(ctx, in.ID)
		if err != nil {
			return err
		}
		f.metrics.feed(in.ID, cmp.Or(st.State, StateNew))
		if missed(st, late, now) {
			woken.Add(1)
			return f.wakeSoon(ctx, in, st, now)
		}
		return nil
	})
	if n := woken.Load(); n > 0 {
		f.log.Warn("schedules have not fired; their feeds are polled, if they do not wait for that already", "feeds", n)
	}
	return err
}

// missedAfter is how late a poll is at least when its schedule is taken for dead.
const missedAfter = 2 * time.Minute

// missed reports whether a feed should have been polled an interval ago. A NATS server that has no room for what a schedule fires
// never fires that schedule again until it is restarted or the schedule is put anew (nats-server 2.15, MsgScheduling.inflight),
// which a poll that comes at another time than planned does.
func missed(st story.FeedState, late bool, now time.Time) bool {
	if st.PolledAt.IsZero() {
		return late
	}
	return !st.NextPoll.IsZero() && now.After(st.NextPoll.Add(max(missedAfter, st.Every))) && !now.Before(st.FreshUntil)
}

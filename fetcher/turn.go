package fetcher

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// turn makes at most one request to the host and says what became of the entry. What it brings is published before it
// returns, so that the frontier may delete the entry.
func (f *Fetcher) turn(ctx context.Context, t story.Turn) (story.TurnResult, error) {
	if !t.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, t.Deadline)
		defer cancel()
	}
	now := time.Now()
	res := story.TurnResult{State: t.State}
	res.State.Host = t.Host
	poll := t.Entry.Priority == story.PriorityPoll
	feed, listed := f.feed(t.Entry.ID)
	if t.Entry.Part > 0 {
		feed, listed = f.feedOf(t.Entry.Feed)
	}
	switch {
	case t.Entry.Hub != nil || t.Entry.Robots: // they belong to no feed's polls
	case poll && !listed:
		// The feed left the list while its poll waited.
		res.Done = true
		return res, f.frontier.Retire(ctx, t.Entry.ID)
	case !poll && t.Entry.Hops == 0 && f.fetched(t, now):
		f.metrics.sightings.Inc()
		res.Done = true // another feed listed it too, and it was fetched
		return res, nil
	case !poll && f.givenUp(t.State, t.Entry, now):
		return f.settle(ctx, t.Entry, res, f.unreachable(t.State, t.Entry))
	case !poll && t.State.Walls >= wallsMost && now.Before(t.State.WallUntil):
		return f.settleOrStandIn(ctx, t.Entry, res, verdict{outcome: story.BotWall,
			reason: fmt.Sprintf("not asked: a bot wall stood before the last %d pages of the host", t.State.Walls)})
	}
	if wait := t.State.NotBefore.Sub(now); wait > 0 {
		res.Pause = wait
		return res, nil
	}
	rules := t.State.Rules[scheme(t.Entry.URL)]
	if f.cfg.Timings.stale(rules, now) {
		return f.robotsTurn(ctx, t, feed, res)
	}
	ok, line := allowed(rules, t.Entry.URL)
	switch {
	case t.Entry.Robots && isRobots(t.Entry.URL):
		res.Done = true // it has just been read
		return res, nil
	case t.Entry.Robots:
		return f.lendTurn(ctx, t.Entry, ok, res)
	case !ok:
		return f.refuse(ctx, t.Entry, feed, res, disallowed(line))
	case !poll:
		res.State.Polls = 0
		return f.pageTurn(ctx, t, res)
	}
	res.State.Polls++
	switch {
	case t.Entry.Hub != nil:
		return f.push.turn(ctx, t.Entry, res)
	case t.Entry.Part > 0:
		return f.partTurn(ctx, t, feed, res)
	}
	return f.pollTurn(ctx, t, feed, res)
}

// refuse ends an entry for which no request may be made.
func (f *Fetcher) refuse(ctx context.Context, e story.Entry, feed story.Feed, res story.TurnResult, v verdict) (story.TurnResult, error) {
	switch {
	case e.Robots:
		res.Done = true // who sent it here sees from the host's rules how it is
		return res, nil
	case e.Hub != nil:
		return f.push.refuse(ctx, e, res, v)
	case e.Part > 0:
		return f.refusePart(ctx, e, feed, res, v)
	case e.Sought:
		return f.seekNext(ctx, feed, e, res)
	case e.Priority == story.PriorityPoll:
		return f.failPoll(ctx, feed, res, v)
	}
	return f.settle(ctx, e, res, v)
}

// rest sets when the host may be talked to again: a pause after it had seen the last request.
func (f *Fetcher) rest(res *story.TurnResult, e story.Entry, seen time.Time, penalty time.Duration) {
	wait := max(f.delayAt(e.URL), res.State.Delay, penalty)
	res.State.NotBefore = story.Instant(seen.Add(wait + time.Millisecond))
	f.pace.hold(res.State.Host, res.State.NotBefore)
	res.Pause = max(0, time.Until(res.State.NotBefore))
}

// penalty is how long to leave a host alone after a failure that concerns all of it, and counts failures in a row.
func (f *Fetcher) penalty(res *story.TurnResult, v verdict) time.Duration {
	if !v.penalty {
		if v.outcome != story.FetchFailed {
			recovered(&res.State)
		}
		return 0
	}
	if res.State.Failures == 0 || res.State.Since.IsZero() {
		res.State.Since = story.Instant(time.Now())
	}
	res.State.Failures, res.State.Trouble = min(res.State.Failures+1, 1000), cut(v.reason, 300)
	f.metrics.penalties.WithLabelValues(v.state).Inc()
	if v.wait > 0 {
		return v.wait
	}
	most := min(time.Hour, f.cfg.Timings.Patience/6)
	if v.outcome == story.BotWall {
		most = min(most, 60*f.cfg.HostDelay) // the pages behind it are not asked for at all
	}
	return backoff(5*f.cfg.HostDelay, res.State.Failures, most)
}

// recovered forgets a host's failures.
func recovered(st *story.HostState) { st.Failures, st.Since, st.Trouble = 0, time.Time{}, "" }

func age(e story.Entry, now time.Time) time.Duration { return now.Sub(time.UnixMilli(e.Visit)) }

// settle ends an entry with an outcome.
func (f *Fetcher) settle(ctx context.Context, e story.Entry, res story.TurnResult, v verdict) (story.TurnResult, error) {
	err := f.pub.PublishLedger(ctx, outcomeOf(e, v.outcome, v.reason))
	if err != nil {
		return res, fmt.Errorf("account for %s: %w", e.Listed, err)
	}
	if v.outcome != story.FetchFailed {
		res.State.Seen = addSeen(res.State.Seen, e.ID)
	}
	res.Done = true
	return res, nil
}

func outcomeOf(e story.Entry, outcome story.Outcome, reason string) story.LedgerEntry {
	return story.LedgerEntry{
		ID: e.ID, Visit: e.Visit, URL: e.Listed, Source: e.Source.ID, Stage: story.StageFetcher, Outcome: outcome,
		Reason: reason, Feed: e.Feed, At: story.Instant(time.Now()),
	}
}

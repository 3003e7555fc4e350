package fetcher

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/internal/story"
)

const (
	// patience is how long an entry waits for a host whose robots.txt cannot be read.
	patience = 24 * time.Hour
	// A robots.txt is good for robotsFresh (RFC 9309 section 2.4), its last good copy for robotsKept while the host
	// cannot give a new one, which is asked for every robotsRetry.
	robotsFresh = 24 * time.Hour
	robotsKept  = 30 * 24 * time.Hour
	robotsRetry = time.Hour
)

// Verdicts of a RobotsState.
const (
	robotsRules = "rules"
	robotsAllow = "allow"
	robotsDeny  = "deny"
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
	switch {
	case poll && !listed:
		// The feed left the list while its poll waited.
		res.Done = true
		return res, f.frontier.Retire(ctx, t.Entry.ID)
	case !poll && !t.Entry.Revisit && t.Entry.Hops == 0 && hasSeen(t.State.Seen, t.Entry.ID):
		res.Done = true // another feed listed it too, and it was fetched
		return res, nil
	case !poll && f.givenUp(t, now):
		return f.settle(ctx, t.Entry, res, unreadable(t))
	}
	if wait := t.State.NotBefore.Sub(now); wait > 0 {
		res.Pause = wait
		return res, nil
	}
	if stale(t.State.Robots, now) {
		return f.robotsTurn(ctx, t, feed, res)
	}
	if ok, line := allowed(t.State.Robots, t.Entry.URL); !ok {
		v := verdict{outcome: story.Robots, state: StateRobots, reason: "robots.txt of the host says \"" + line + "\""}
		if poll {
			return f.failPoll(ctx, feed, res, v)
		}
		return f.settle(ctx, t.Entry, res, v)
	}
	if poll {
		return f.pollTurn(ctx, t, feed, res)
	}
	return f.pageTurn(ctx, t, res)
}

// rest sets when the host may be talked to again: a pause after it had seen the last request.
func (f *Fetcher) rest(res *story.TurnResult, seen time.Time, penalty time.Duration) {
	wait := max(f.cfg.HostDelay, res.State.Delay, penalty)
	res.State.NotBefore = story.Instant(seen.Add(wait + time.Millisecond))
	res.Pause = max(0, time.Until(res.State.NotBefore))
}

// penalty is how long to leave a host alone after a failure that concerns all of it, and counts failures in a row.
func (f *Fetcher) penalty(res *story.TurnResult, v verdict) time.Duration {
	if !v.penalty {
		if v.outcome != story.FetchFailed {
			res.State.Failures = 0
		}
		return 0
	}
	res.State.Failures = min(res.State.Failures+1, 1000)
	if v.wait > 0 {
		return v.wait
	}
	return backoff(5*f.cfg.HostDelay, res.State.Failures, time.Hour)
}

// robotsTurn asks for robots.txt; the entry stays next in line.
func (f *Fetcher) robotsTurn(ctx context.Context, t story.Turn, feed story.Feed, res story.TurnResult) (story.TurnResult, error) {
	answer := f.readRobots(ctx, t.Entry.URL)
	if err := context.Cause(ctx); err != nil && answer.err != nil {
		return res, fmt.Errorf("robots.txt of %s: %w", t.Host, answer.err)
	}
	now := time.Now()
	res.State.Robots = remember(t.State.Robots, answer, now)
	if answer.good() {
		res.State.Delay, res.State.Failures = answer.rules.Delay, 0
		f.rest(&res, answer.seen, 0)
		return res, nil
	}
	v := unanswered(answer)
	if res.State.Robots.Verdict != robotsDeny {
		f.rest(&res, answer.seen, v.wait)
		return res, nil
	}
	if v.outcome == story.ForbiddenAddress && t.Entry.Priority != story.PriorityPoll {
		return f.settle(ctx, t.Entry, res, v)
	}
	f.rest(&res, answer.seen, f.penalty(&res, v))
	if t.Entry.Priority == story.PriorityPoll {
		return f.failPoll(ctx, feed, res, v)
	}
	if f.givenUp(story.Turn{State: res.State, Entry: t.Entry}, now) {
		return f.settle(ctx, t.Entry, res, v)
	}
	return res, nil
}

// unanswered is the verdict on a robots.txt that could not be read: a host that answers with an error forbids
// everything (RFC 9309 section 2.3.1.4), one that does not answer is the failure that it is.
func unanswered(a robotsAnswer) verdict {
	v := verdict{outcome: story.Robots, state: StateRobots, retry: true, penalty: true, wait: a.wait}
	if a.err != nil {
		return judge("", nil, a.err, time.Now())
	}
	v.reason = fmt.Sprintf("robots.txt could not be read (status %d), so nothing may be requested", a.status)
	return v
}

// remember is the host's robots.txt after an answer: the new one if it settles the question, else the last good one
// while it is young enough, else a complete no.
func remember(old *story.RobotsState, a robotsAnswer, now time.Time) *story.RobotsState {
	at := story.Instant(now)
	switch {
	case a.good() && a.status/100 == 2:
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsRules, Body: a.rules.String(), Status: a.status}
	case a.good():
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsAllow, Status: a.status}
	case old != nil && old.Verdict != robotsDeny && now.Sub(old.GoodAt) < robotsKept:
		kept := *old
		kept.FetchedAt, kept.Status = at, a.status
		return &kept
	}
	return &story.RobotsState{FetchedAt: at, Verdict: robotsDeny, Status: a.status}
}

func stale(r *story.RobotsState, now time.Time) bool {
	switch {
	case r == nil || r.Verdict == robotsDeny:
		return true
	case (robotsAnswer{status: r.Status}).good():
		return now.Sub(r.FetchedAt) >= robotsFresh
	}
	return now.Sub(r.FetchedAt) >= robotsRetry
}

func allowed(r *story.RobotsState, url string) (bool, string) {
	if r.Verdict == robotsAllow {
		return true, ""
	}
	return robots.Parse([]byte(r.Body), "*").Allowed(url)
}

// givenUp reports whether an entry has waited long enough for a host that was asked lately and gave no robots.txt.
func (f *Fetcher) givenUp(t story.Turn, now time.Time) bool {
	r := t.State.Robots
	return r != nil && r.Verdict == robotsDeny && now.Sub(r.FetchedAt) < robotsRetry+time.Minute && age(t.Entry, now) > patience
}

func unreadable(t story.Turn) verdict {
	if status := t.State.Robots.Status; status != 0 {
		return verdict{outcome: story.Robots, reason: fmt.Sprintf("robots.txt could not be read for a day (status %d), so nothing may be requested", status)}
	}
	return verdict{outcome: story.FetchFailed, reason: "the host could not be reached for a day"}
}

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

const (
	seenBytes = 8    // of a hash in the ring
	seenMost  = 2000 // ids in the ring
)

func seenKey(id story.ID) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:seenBytes]
}

func hasSeen(ring []byte, id story.ID) bool {
	key := [seenBytes]byte(seenKey(id))
	for ; len(ring) >= seenBytes; ring = ring[seenBytes:] {
		if [seenBytes]byte(ring) == key {
			return true
		}
	}
	return false
}

// addSeen returns a new ring with the id as its latest, the oldest dropped when it is full.
func addSeen(ring []byte, id story.ID) []byte {
	if hasSeen(ring, id) {
		return ring
	}
	out := append(append(make([]byte, 0, len(ring)+seenBytes), ring...), seenKey(id)...)
	return out[max(0, len(out)-seenMost*seenBytes):]
}

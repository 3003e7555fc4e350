package fetcher

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/internal/story"
)

// Verdicts of a RobotsState.
const (
	robotsRules = "rules"
	robotsAllow = "allow"
	robotsDeny  = "deny"
)

// robotsTurn asks for robots.txt; the entry stays next in line.
func (f *Fetcher) robotsTurn(ctx context.Context, t story.Turn, feed story.Feed, res story.TurnResult) (story.TurnResult, error) {
	answer := f.readRobots(ctx, t.Entry.URL)
	if err := context.Cause(ctx); err != nil && answer.err != nil {
		return res, fmt.Errorf("robots.txt of %s: %w", t.Host, answer.err)
	}
	now := time.Now()
	res.State.Robots = f.cfg.Timings.remember(t.State.Robots, answer, now)
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
func (t Timings) remember(old *story.RobotsState, a robotsAnswer, now time.Time) *story.RobotsState {
	at := story.Instant(now)
	switch {
	case a.good() && a.status/100 == 2:
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsRules, Body: pack(a.rules.String()), Status: a.status}
	case a.good():
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsAllow, Status: a.status}
	case old != nil && old.Verdict != robotsDeny && now.Sub(old.GoodAt) < t.RobotsKept:
		kept := *old
		kept.FetchedAt, kept.Status = at, a.status
		return &kept
	}
	return &story.RobotsState{FetchedAt: at, Verdict: robotsDeny, Status: a.status}
}

func (t Timings) stale(r *story.RobotsState, now time.Time) bool {
	switch {
	case r == nil || r.Verdict == robotsDeny:
		return true
	case (robotsAnswer{status: r.Status}).good():
		return now.Sub(r.FetchedAt) >= t.RobotsFresh
	}
	return now.Sub(r.FetchedAt) >= t.RobotsRetry
}

func allowed(r *story.RobotsState, url string) (bool, string) {
	if r.Verdict == robotsAllow {
		return true, ""
	}
	return robots.Parse(unpack(r.Body), "*").Allowed(url)
}

func disallowed(line string) verdict {
	return verdict{outcome: story.Robots, state: StateRobots, reason: "robots.txt of the host says \"" + line + "\""}
}

// givenUp reports whether an entry has waited long enough for a host that was asked lately and gave no robots.txt.
func (f *Fetcher) givenUp(t story.Turn, now time.Time) bool {
	r, waits := t.State.Robots, f.cfg.Timings
	return r != nil && r.Verdict == robotsDeny && now.Sub(r.FetchedAt) < waits.RobotsRetry+time.Minute && age(t.Entry, now) > waits.Patience
}

func unreadable(t story.Turn) verdict {
	if status := t.State.Robots.Status; status != 0 {
		return verdict{outcome: story.Robots, reason: fmt.Sprintf("robots.txt could not be read for a day (status %d), so nothing may be requested", status)}
	}
	return verdict{outcome: story.FetchFailed, reason: "the host could not be reached for a day"}
}

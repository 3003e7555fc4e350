package fetcher

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
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

// scheme is the key of a URL's robots.txt within its host's state.
func scheme(rawURL string) string {
	s, _, _ := strings.Cut(rawURL, ":")
	return s
}

// withRules is a host's state with another robots.txt for one scheme. Its Crawl-delay is the longest of all.
func withRules(st story.HostState, scheme string, r *story.RobotsState) story.HostState {
	rules := map[string]*story.RobotsState{}
	maps.Copy(rules, st.Rules)
	rules[scheme] = r
	st.Rules, st.Delay = rules, 0
	for _, r := range rules {
		st.Delay = max(st.Delay, r.Delay)
	}
	return st
}

// robotsTurn asks for robots.txt; the entry stays next in line.
func (f *Fetcher) robotsTurn(ctx context.Context, t story.Turn, feed story.Feed, res story.TurnResult) (story.TurnResult, error) {
	old := t.State.Rules[scheme(t.Entry.URL)]
	answer := f.readRobots(ctx, t.Entry.URL, old)
	if err := context.Cause(ctx); err != nil && answer.err != nil {
		return res, fmt.Errorf("robots.txt of %s: %w", t.Host, answer.err)
	}
	now := time.Now()
	rules := f.cfg.Timings.remember(old, answer, now)
	res.State = withRules(res.State, scheme(t.Entry.URL), rules)
	f.metrics.robots.WithLabelValues(rules.Verdict).Inc()
	if answer.good() {
		recovered(&res.State)
		f.rest(&res, t.Entry, answer.seen, 0)
		return res, nil
	}
	v := unanswered(answer)
	if rules.Verdict != robotsDeny {
		f.rest(&res, t.Entry, answer.seen, v.wait)
		return res, nil
	}
	if v.outcome == story.ForbiddenAddress && t.Entry.Priority != story.PriorityPoll {
		return f.settle(ctx, t.Entry, res, v)
	}
	f.rest(&res, t.Entry, answer.seen, f.penalty(&res, v))
	if t.Entry.Priority == story.PriorityPoll {
		return f.failPoll(ctx, feed, res, v)
	}
	if f.givenUp(res.State, t.Entry, now) {
		return f.settle(ctx, t.Entry, res, f.unreachable(res.State, t.Entry))
	}
	return res, nil
}

// unanswered is the verdict on a robots.txt that could not be read: a host that answers with an error forbids
// everything (RFC 9309 section 2.3.1.4), one that does not answer is the failure that it is.
func unanswered(a robotsAnswer) verdict {
	v := verdict{outcome: story.Robots, state: StateNoRobots, retry: true, penalty: true, wait: a.wait}
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
	case a.same:
		kept := *old
		kept.FetchedAt, kept.GoodAt, kept.Status = at, at, http.StatusOK
		return &kept
	case a.good() && a.status/100 == 2:
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsRules, Body: pack(a.rules.String()), Status: a.status,
			Delay: a.rules.Delay, From: a.from, ETag: a.etag, LastModified: a.modified}
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

// givenUp reports whether an entry has waited long enough for a host that has not worked for as long.
func (f *Fetcher) givenUp(st story.HostState, e story.Entry, now time.Time) bool {
	return st.Failures > 0 && !st.Since.IsZero() && now.Sub(st.Since) > f.cfg.Timings.Patience && age(e, now) > f.cfg.Timings.Patience
}

// unreachable is how an entry ends that was given up.
func (f *Fetcher) unreachable(st story.HostState, e story.Entry) verdict {
	waited := roughly(f.cfg.Timings.Patience)
	if r := st.Rules[scheme(e.URL)]; r != nil && r.Verdict == robotsDeny && r.Status != 0 {
		return verdict{outcome: story.Robots, reason: fmt.Sprintf("robots.txt could not be read for %s (status %d), so nothing may be requested", waited, r.Status)}
	}
	return verdict{outcome: story.FetchFailed, reason: fmt.Sprintf("the host has not worked for %s: %s", waited, st.Trouble)}
}

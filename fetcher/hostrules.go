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
	"github.com/spywire/spywire/internal/weburl"
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

// robotsTurn asks for robots.txt; the entry stays next in line. It is one request, as any turn: a redirect is followed in
// the next turn of the host, or by a turn of the host it leads to (see lent.go), and the rules found there hold for this one.
func (f *Fetcher) robotsTurn(ctx context.Context, t story.Turn, feed story.Feed, res story.TurnResult) (story.TurnResult, error) {
	key := scheme(t.Entry.URL)
	old := t.State.Rules[key]
	at, err := robotsAt(t.Entry.URL)
	if err != nil {
		return res, err
	}
	hops := 0
	if old != nil && old.Next != "" {
		at, hops = old.Next, old.Hops
	}
	var answer robotsAnswer
	var next string
	here := weburl.HostToken(at) == t.Host
	if here {
		answer, next = f.askRobots(ctx, at, old)
		if err := context.Cause(ctx); err != nil && answer.err != nil {
			return res, fmt.Errorf("robots.txt of %s: %w", t.Host, answer.err)
		}
	} else if answer, next, res.Pause, err = f.borrow(ctx, old); res.Pause > 0 || err != nil {
		return res, err
	}
	now := time.Now()
	if next != "" && hops < maxRobotsHops {
		res.State = withRules(res.State, key, leading(old, next, hops+1, now))
		if here {
			f.rest(&res, t.Entry, answer.seen, answer.wait)
		}
		return res, nil
	} else if next != "" {
		answer = robotsAnswer{status: http.StatusNotFound, seen: answer.seen}
	}
	rules := f.cfg.Timings.remember(old, answer, now)
	res.State = withRules(res.State, key, rules)
	f.metrics.robots.WithLabelValues(rules.Verdict).Inc()
	if answer.good() {
		recovered(&res.State)
		f.rest(&res, t.Entry, answer.seen, 0) // from elsewhere too: its Crawl-delay was not known before
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
	switch {
	case t.Entry.Priority == story.PriorityPoll:
		return f.refuse(ctx, t.Entry, feed, res, v)
	case f.givenUp(res.State, t.Entry, now):
		return f.settle(ctx, t.Entry, res, f.unreachable(res.State, t.Entry))
	}
	return res, nil
}

// unanswered is the verdict on a robots.txt that could not be read: a host that answers with an error forbids
// everything (RFC 9309 section 2.3.1.4), one that does not answer is the failure that it is.
func unanswered(a robotsAnswer) verdict {
	v := verdict{outcome: story.Robots, state: StateNoRobots, retry: true, penalty: true, wait: a.wait}
	switch {
	case a.err != nil:
		return judge("", nil, a.err, time.Now())
	case a.because != "":
		v.reason = a.because
		return v
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
		kept := settled(*old)
		kept.FetchedAt, kept.GoodAt, kept.Status = at, at, http.StatusOK
		return &kept
	case a.lent != nil:
		// No younger than the request that led there, nor than the file: whichever is older is due first.
		kept := settled(*a.lent)
		kept.From, kept.ETag, kept.LastModified = "", "", ""
		if old != nil && old.NextAt.Before(kept.FetchedAt) {
			kept.FetchedAt = old.NextAt
		}
		return &kept
	case a.good() && a.status/100 == 2:
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsRules, Body: pack(a.rules.String()), Status: a.status,
			Delay: a.rules.Delay, From: a.from, ETag: a.etag, LastModified: a.modified}
	case a.good():
		return &story.RobotsState{FetchedAt: at, GoodAt: at, Verdict: robotsAllow, Status: a.status}
	case old != nil && old.Verdict != robotsDeny && now.Sub(old.GoodAt) < t.RobotsKept:
		kept := settled(*old)
		kept.FetchedAt, kept.Status = at, a.status
		return &kept
	}
	return &story.RobotsState{FetchedAt: at, Verdict: robotsDeny, Status: a.status}
}

// leading is a robots.txt that is to be read elsewhere. What was known of it stays known until then.
func leading(old *story.RobotsState, next string, hops int, now time.Time) *story.RobotsState {
	r := story.RobotsState{Verdict: robotsDeny}
	if old != nil {
		r = *old
	}
	if r.Next == "" {
		r.NextAt = story.Instant(now)
	}
	r.Next, r.Hops = next, hops
	return &r
}

// settled is a robots.txt of which nothing is under way.
func settled(r story.RobotsState) story.RobotsState {
	r.Next, r.Hops, r.NextAt = "", 0, time.Time{}
	return r
}

func (t Timings) stale(r *story.RobotsState, now time.Time) bool {
	switch {
	case r == nil || r.Verdict == robotsDeny || r.Next != "":
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

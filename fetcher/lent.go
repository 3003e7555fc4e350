package fetcher

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// The robots.txt of a host may redirect to another host, which RFC 9309 (section 2.3.1.2) wants followed. Only who holds that
// host's token may ask it, so an entry waits there for a turn, its answer is part of the state of the host that gave it,
// and whoever was sent there reads that state, in turns without a request, until the answer is in it.

const (
	// lentMost files of a host are remembered for others, of at most lentBytes each: they share one message of the store
	// with all else that is known of the host.
	lentMost  = 3
	lentBytes = plainRules
	// borrowMost is the longest time between two looks for an answer.
	borrowMost = time.Minute
)

// lentID is the id of an entry for a file: never that of a page or a feed with the same address.
func lentID(url string) story.ID { return story.NewID("robots:" + url) }

// borrow looks for what the host has said that a robots.txt leads to: an answer, or where to go on from there. Until
// it has said something there is a time to wait.
func (f *Fetcher) borrow(ctx context.Context, old *story.RobotsState) (a robotsAnswer, next string, wait time.Duration, err error) {
	host := weburl.HostToken(old.Next)
	there, _, err := f.frontier.HostState(ctx, host)
	if err != nil {
		return a, "", 0, fmt.Errorf("robots.txt at %s: state: %w", host, err)
	}
	now := time.Now()
	own := there.Rules[scheme(old.Next)]
	file := there.Lent[old.Next]
	if isRobots(old.Next) {
		file = own
	}
	since := func(r *story.RobotsState) bool { return r != nil && !r.FetchedAt.Before(old.NextAt) }
	failed := func(format string, args ...any) robotsAnswer {
		why := strings.TrimSpace(fmt.Sprintf(format, args...))
		return robotsAnswer{seen: now, because: "nothing may be requested: robots.txt redirects to " + old.Next + why}
	}
	switch {
	case file != nil && file.Next != "" && (file == own && weburl.HostToken(file.Next) != host || file != own && since(file)):
		return robotsAnswer{seen: now}, file.Next, 0, nil // waiting until that is known too would never end in a circle
	case file != nil && !f.cfg.Timings.stale(file, now):
		return robotsAnswer{status: file.Status, seen: now, lent: file}, "", 0, nil
	case since(own) && own.Next == "" && own.Verdict == robotsDeny, since(file) && file.Next == "" && file.Verdict == robotsDeny:
		return failed(", which could not be read. %s", there.Trouble), "", 0, nil
	case now.Sub(old.NextAt) > f.cfg.Timings.RobotsRetry:
		return failed(", where nobody could ask for it within %s", roughly(f.cfg.Timings.RobotsRetry)), "", 0, nil
	}
	err = f.frontier.Enqueue(ctx, story.Entry{
		ID: lentID(old.Next), Visit: now.UnixMilli(), Priority: story.PriorityPoll, URL: old.Next, Listed: old.Next, Robots: true,
	})
	if err != nil {
		return a, "", 0, fmt.Errorf("robots.txt at %s: %w", host, err)
	}
	return a, "", min(max(now.Sub(old.NextAt), f.cfg.HostDelay), borrowMost), nil
}

// lendTurn reads a file of the host for another host's robots.txt. The host's own rules allow it, or there is none.
func (f *Fetcher) lendTurn(ctx context.Context, e story.Entry, open bool, res story.TurnResult) (story.TurnResult, error) {
	old := res.State.Lent[e.URL]
	now := time.Now()
	file := &story.RobotsState{FetchedAt: story.Instant(now), GoodAt: story.Instant(now), Verdict: robotsAllow, Status: http.StatusNotFound}
	if open {
		answer, next := f.askRobots(ctx, e.URL, old)
		if err := context.Cause(ctx); err != nil && answer.err != nil {
			return res, fmt.Errorf("robots.txt at %s: %w", e.URL, answer.err)
		}
		v := verdict{}
		if !answer.good() && next == "" {
			v = unanswered(answer)
		}
		f.rest(&res, e, answer.seen, f.penalty(&res, v))
		now = time.Now()
		if file = f.cfg.Timings.remember(old, answer, now); next != "" {
			file = leading(nil, next, 1, now)
			file.FetchedAt = file.NextAt
		}
		if len(file.Body) > lentBytes {
			file = &story.RobotsState{FetchedAt: story.Instant(now), Verdict: robotsDeny} // half the rules are not the rules
		}
	}
	lent := map[string]*story.RobotsState{}
	maps.Copy(lent, res.State.Lent)
	lent[e.URL] = file
	for len(lent) > lentMost {
		delete(lent, slices.MinFunc(slices.Collect(maps.Keys(lent)), func(a, b string) int {
			return lent[a].FetchedAt.Compare(lent[b].FetchedAt)
		}))
	}
	res.State.Lent, res.Done = lent, true
	return res, nil
}

package fetcher

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

const (
	// A permanent redirect is believed after so many polls, over Timings.MovePeriod.
	moveSightings = 3
)

// followPoll hands a poll on to where the feed redirects, and remembers a permanent redirect until it has been seen
// often and long enough to be believed. From then on the old address is not asked again; a redirect that says how long
// it is good for is not asked for again so long.
func (f *Fetcher) followPoll(ctx context.Context, in story.Feed, st story.FeedState, revision uint64, e story.Entry, res story.TurnResult, got poll, resp *web.Response) (story.TurnResult, error) {
	if e.Hops >= maxHops || got.redirect == e.URL {
		v := verdict{outcome: story.FetchFailed, state: StateHTTPError, reason: "redirects in circles, the last to " + got.redirect}
		return f.failPoll(ctx, in, res, v)
	}
	if e.Hops == 0 {
		forGood, fresh, now := permanent(resp.Status), maxAge(resp.Header), time.Now()
		note := func(st *story.FeedState) {
			if to, err := weburl.Normalize(got.redirect); err == nil && forGood {
				noteMove(st, to, f.cfg.Timings.MovePeriod, now)
			}
			st.Hop, st.HopUntil = "", time.Time{}
			if fresh > 0 {
				st.Hop, st.HopUntil = got.redirect, story.Instant(now.Add(fresh+time.Millisecond))
			}
		}
		if note(&st); forGood || fresh > 0 {
			if err := f.putFeedState(ctx, st, revision, func(latest story.FeedState) (story.FeedState, bool) {
				note(&latest)
				return latest, true
			}); err != nil {
				return res, fmt.Errorf("feed %s: store state: %w", in.URL, err)
			}
		}
	}
	if err := f.handOn(ctx, e, res, got.redirect); err != nil {
		return res, fmt.Errorf("feed %s: %w", in.URL, err)
	}
	res.Done = true
	return res, nil
}

func noteMove(st *story.FeedState, to string, period time.Duration, now time.Time) {
	if st.Moves[to] == 0 {
		st.Moves, st.MovedSince = map[string]int{}, story.Instant(now) // another target starts anew
	}
	st.Moves[to]++
	if st.Moves[to] >= moveSightings && now.Sub(st.MovedSince) >= period {
		st.URL, st.Moves, st.MovedSince = to, nil, time.Time{}
	}
}

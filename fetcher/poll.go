package fetcher

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/fetcher/web"
	"github.com/spywire/spywire/internal/story"
)

const (
	// A feed may decode to maxDecoded bytes and to maxRatio times what came over the wire.
	maxDecoded = 16 << 20
	maxRatio   = 100
	// pollShare of a host's turns are not polls, to one that is.
	pollShare = 4
)

// pollTurn requests a feed and queues what it lists.
func (f *Fetcher) pollTurn(ctx context.Context, t story.Turn, in story.Feed, res story.TurnResult) (story.TurnResult, error) {
	st, revision, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return res, fmt.Errorf("feed %s: state: %w", in.URL, err)
	}
	st.ID = in.ID
	e := t.Entry
	resp, seen, err := f.get(ctx, kindFeed, web.Request{URL: e.URL, Accept: acceptFeed, ETag: st.ETag, LastModified: st.LastModified})
	if web.Of(err) == web.Canceled {
		return res, err
	}
	if err == nil {
		defer resp.Close()
	}
	now := time.Now()
	got := f.read(ctx, e.URL, st, resp, err, now)
	f.rest(&res, seen, f.penalty(&res, got.verdict))
	if got.redirect != "" {
		return f.followPoll(ctx, in, st, revision, e, res, got, permanent(resp.Status))
	}
	before := st
	switch {
	case got.failed():
	case got.doc == nil:
		st.State = StateNotModified
		noteValidators(&st, resp)
	default:
		if err := f.list(ctx, in, &st, *got.doc, now); err != nil {
			return res, fmt.Errorf("feed %s: %w", in.URL, err)
		}
		st.State, st.BodyHash, st.Hints = got.state, got.hash, got.doc.Hints
		noteValidators(&st, resp)
	}
	if e.Hops == 0 && !got.failed() {
		st.Moves, st.MovedSince = nil, time.Time{}
	}
	st.Reason = got.reason
	if moved := len(st.Moves) > 0 || st.URL != "" && st.URL != in.URL; moved && !got.failed() {
		if healthy(st.State) {
			st.State = StateMoved
		}
		st.Reason = strings.TrimSpace(st.Reason + " The feed has moved to " + e.URL + ": write that into the list.")
	}
	if got.failed() {
		st.State, st.Failures = got.state, st.Failures+1
		if st.Failures >= moveRegret {
			st.URL = ""
		}
	} else {
		st.Failures = 0
	}
	return f.finishPoll(ctx, in, before, st, revision, res, got, header(resp))
}

// failPoll ends a poll that no request was made for.
func (f *Fetcher) failPoll(ctx context.Context, in story.Feed, res story.TurnResult, v verdict) (story.TurnResult, error) {
	st, revision, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return res, fmt.Errorf("feed %s: state: %w", in.URL, err)
	}
	before := st
	st.ID, st.State, st.Reason, st.Failures = in.ID, v.state, v.reason, st.Failures+1
	return f.finishPoll(ctx, in, before, st, revision, res, poll{verdict: v}, nil)
}

// finishPoll stores the feed's new state, last of all, and sets its schedule.
func (f *Fetcher) finishPoll(ctx context.Context, in story.Feed, before, st story.FeedState, revision uint64, res story.TurnResult, got poll, h http.Header) (story.TurnResult, error) {
	now := time.Now()
	every := f.nextPoll(in, &st, got, maxAge(h), now)
	// Polls go before pages in a host's queue, so they may take only a part of its turns.
	every = max(every, pollShare*time.Duration(f.feedsAt(in.URL))*max(f.cfg.HostDelay, res.State.Delay))
	st.PolledAt, st.NextPoll = story.Instant(now), story.Instant(now.Add(every))
	if st.State == StateGone {
		if err := f.frontier.Retire(ctx, in.ID); err != nil {
			return res, fmt.Errorf("feed %s: retire: %w", in.URL, err)
		}
	} else if was := before.NextPoll.Sub(before.PolledAt); was <= 0 || every < was*9/10 || every > was*11/10 || before.State == StateGone {
		if err := f.frontier.Wake(ctx, in.ID, every); err != nil {
			return res, fmt.Errorf("feed %s: schedule: %w", in.URL, err)
		}
	} else {
		st.NextPoll = story.Instant(now.Add(was))
	}
	if err := f.frontier.PutFeedState(ctx, st, revision); err != nil {
		return res, fmt.Errorf("feed %s: store state: %w", in.URL, err)
	}
	f.metrics.feed(in.ID, st.State)
	if st.State != before.State && !(healthy(st.State) && healthy(before.State)) {
		level := slog.LevelInfo
		if before.State == "" {
			level = slog.LevelDebug // its first poll: the summary has it
		}
		f.log.Log(ctx, level, "feed changed state", "feed", in.URL, "from", before.State, "to", st.State, "reason", st.Reason)
	}
	res.Done = true
	return res, nil
}

func noteValidators(st *story.FeedState, resp *web.Response) {
	if resp.Status == http.StatusNotModified {
		if tag := resp.Header.Get("ETag"); tag != "" {
			st.ETag = cut(tag, 1000)
		}
		return
	}
	st.ETag, st.LastModified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	if !utf8.ValidString(st.ETag) {
		st.ETag = "" // it would not come back as it was given
	}
	if len(st.ETag) > 1000 || len(st.LastModified) > 100 || resp.Truncated != nil {
		st.ETag, st.LastModified = "", "" // what was read in part must be sent again
	}
}

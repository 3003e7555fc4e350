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
	// freshSlack is how much later than the server's word a feed is due: schedules know whole seconds.
	freshSlack = 2 * time.Second
)

// pollTurn requests a feed and queues what it lists.
func (f *Fetcher) pollTurn(ctx context.Context, t story.Turn, in story.Feed, res story.TurnResult) (story.TurnResult, error) {
	st, revision, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return res, fmt.Errorf("feed %s: state: %w", in.URL, err)
	}
	st.ID = in.ID
	e := t.Entry
	if begins := e.Hops == 0 || e.URL == st.Hop; begins {
		if done, err := f.served(ctx, e, st); done || err != nil {
			res.Done = err == nil
			return res, err
		}
	}
	got, resp, err := f.ask(ctx, kindFeed, in, st, e, &res)
	if err != nil {
		return res, err
	}
	if resp != nil {
		defer resp.Close()
	}
	now := time.Now()
	if got.redirect != "" {
		return f.followPoll(ctx, in, st, revision, e, res, got, resp)
	}
	if res, done, err := f.seek(ctx, in, &st, e, res, got); done || err != nil {
		return res, err
	}
	before := st
	switch {
	case got.failed():
	case got.doc == nil:
		if st.State = StateNotModified; before.Listed == 0 && before.BodyHash != "" {
			st.State, got.reason = StateEmpty, "It still lists nothing." // the same answer says the same
		}
		noteValidators(&st, e.URL, resp)
		if st.Parts != nil {
			if err := f.queueParts(ctx, in, &st, e, nil); err != nil {
				return res, fmt.Errorf("feed %s: %w", in.URL, err)
			}
		}
	default:
		if err := f.list(ctx, in, &st, *got.doc, now); err != nil {
			return res, fmt.Errorf("feed %s: %w", in.URL, err)
		}
		st.State, st.BodyHash, st.Hints, st.Listed, st.ChangedAt = got.state, got.hash, got.doc.Hints, got.doc.Listed, story.Instant(now)
		noteHub(&st, header(resp), e.URL)
		if st.Parts = nil; got.parts != nil {
			st.Parts = before.Parts
			forgetFaults(&st, got.parts)
			if err := f.queueParts(ctx, in, &st, e, got.parts); err != nil {
				return res, fmt.Errorf("feed %s: %w", in.URL, err)
			}
		} else {
			learn(&st, *got.doc, before.LastItem)
			st.PartFaults = nil
		}
		noteValidators(&st, e.URL, resp)
	}
	if e.Hops == 0 && !got.failed() {
		st.Moves, st.MovedSince, st.Hop, st.HopUntil = nil, time.Time{}, "", time.Time{}
	}
	st.Reason = strings.TrimSpace(got.reason + " " + foundWords(in, st) + " " + faultWords(st))
	if got.failed() {
		st.State, st.Failures, st.Hop, st.HopUntil = got.state, st.Failures+1, "", time.Time{}
	} else {
		st.Failures = 0
		silence(&st, got.doc != nil, now)
		if moved := len(st.Moves) > 0 || st.URL != "" && st.URL != in.URL; moved {
			if healthy(st.State) {
				st.State = StateMoved
			}
			st.Reason = strings.TrimSpace(st.Reason + " The feed has moved to " + e.URL + ": write that into the list.")
		}
	}
	return f.finishPoll(ctx, in, before, st, revision, res, got, header(resp))
}

// ask makes the request of a poll, with the validators of the same address, and reads the answer. An error says that the poll
// itself was ended.
func (f *Fetcher) ask(ctx context.Context, kind string, in story.Feed, st story.FeedState, e story.Entry, res *story.TurnResult) (poll, *web.Response, error) {
	req := web.Request{URL: e.URL, Accept: acceptFeed, Cut: in.Kind == story.FeedSitemap, Header: f.secrets(in, e.URL)}
	if kind == kindSitemap {
		req.Accept, req.Cut = acceptSitemap, true
	}
	if e.URL != st.From {
		st.ETag, st.LastModified = "", "" // a 304 to a question that was not asked means nothing
	}
	req.ETag, req.LastModified = st.ETag, st.LastModified
	if e.Sought {
		st.BodyHash = "" // whether it is a feed at all is the question
	}
	resp, seen, err := f.get(ctx, kind, req)
	if web.Of(err) == web.Canceled {
		return poll{}, nil, err
	}
	got := f.read(ctx, e.URL, st, resp, err, time.Now())
	f.rest(res, e, seen, f.penalty(res, got.verdict))
	return got, resp, nil
}

// served reports whether a poll need not be made: another has been made since this one was queued, or the server's word
// forbids it for now, and then it is queued again for later.
func (f *Fetcher) served(ctx context.Context, e story.Entry, st story.FeedState) (bool, error) {
	switch {
	case e.Visit < st.PolledAt.UnixMilli():
		return true, nil
	case st.FreshUntil.After(time.Now()):
		e.Visit = st.FreshUntil.UnixMilli()
		return true, f.frontier.Later(ctx, st.FreshUntil, e)
	}
	return false, nil
}

// failPoll ends a poll that no request was made for.
func (f *Fetcher) failPoll(ctx context.Context, in story.Feed, res story.TurnResult, v verdict) (story.TurnResult, error) {
	st, revision, err := f.frontier.FeedState(ctx, in.ID)
	if err != nil {
		return res, fmt.Errorf("feed %s: state: %w", in.URL, err)
	}
	before := st
	st.ID, st.State, st.Reason, st.Failures = in.ID, v.state, v.reason, st.Failures+1
	st.Hop, st.HopUntil = "", time.Time{}
	return f.finishPoll(ctx, in, before, st, revision, res, poll{verdict: v}, nil)
}

// finishPoll stores the feed's new state, last of all, and sets its schedule if that is to change: one that stays keeps
// its beat, however long polls take.
func (f *Fetcher) finishPoll(ctx context.Context, in story.Feed, before, st story.FeedState, revision uint64, res story.TurnResult, got poll, h http.Header) (story.TurnResult, error) {
	now := time.Now()
	var err error
	fresh := max(maxAge(h), got.wait)
	every := f.nextPoll(in, &st, got, fresh, now)
	// Polls go before pages in a host's queue, so they may take only a part of its turns.
	every = max(every, pollShare*time.Duration(f.feedsAt(in.URL))*max(f.delayAt(in.URL), res.State.Delay))
	if !got.failed() {
		if every, err = f.push.polled(ctx, in, st, every, now); err != nil {
			return res, fmt.Errorf("feed %s: subscription: %w", in.URL, err)
		}
	}
	st.FreshUntil = time.Time{}
	if fresh > 0 {
		st.FreshUntil = story.Instant(now.Add(fresh + time.Millisecond))
		every = max(every, fresh+freshSlack)
	}
	if st.State == StateGone {
		every = goneFor
	}
	off := now.Sub(before.NextPoll).Abs() > max(every/10, 5*time.Second) // its schedule is not what it should be
	if off || got.sought || st.Every <= 0 || every < st.Every*9/10 || every > st.Every*11/10 {
		if err := f.frontier.Wake(ctx, in.ID, every); err != nil {
			return res, fmt.Errorf("feed %s: schedule: %w", in.URL, err)
		}
		st.Every = every
	}
	st.PolledAt, st.NextPoll = story.Instant(now), story.Instant(now.Add(st.Every))
	err = f.putFeedState(ctx, st, revision, func(latest story.FeedState) (story.FeedState, bool) {
		if !latest.PolledAt.Equal(before.PolledAt) {
			return latest, false // another poll of the feed has ended meanwhile, and what it wrote stands
		}
		st.URL, st.Moves, st.MovedSince, st.Hop, st.HopUntil = latest.URL, latest.Moves, latest.MovedSince, latest.Hop, latest.HopUntil
		return st, true
	})
	if err != nil {
		return res, fmt.Errorf("feed %s: store state: %w", in.URL, err)
	}
	f.metrics.feed(in.ID, st.State)
	f.metrics.polls.WithLabelValues(st.State).Inc()
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

// putFeedState stores a feed's state. Where somebody else wrote it since it was read, as another poll does that meets a
// redirect while this one is on its way, merge makes the state to store out of the latest, or says that it is to stay.
func (f *Fetcher) putFeedState(ctx context.Context, st story.FeedState, revision uint64, merge func(latest story.FeedState) (story.FeedState, bool)) error {
	err := f.frontier.PutFeedState(ctx, st, revision)
	if err == nil {
		return nil
	}
	latest, now, rerr := f.frontier.FeedState(ctx, st.ID)
	if rerr != nil || now == revision {
		return err
	}
	if st, ok := merge(latest); ok {
		return f.frontier.PutFeedState(ctx, st, now)
	}
	return nil
}

func noteValidators(st *story.FeedState, url string, resp *web.Response) {
	if resp.Status == http.StatusNotModified {
		if tag := resp.Header.Get("ETag"); tag != "" {
			st.ETag = cut(tag, 1000)
		}
		return
	}
	st.From, st.ETag, st.LastModified = url, resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	if !utf8.ValidString(st.ETag) {
		st.ETag = "" // it would not come back as it was given
	}
	if len(st.ETag) > 1000 || len(st.LastModified) > 100 || resp.Truncated != nil {
		st.ETag, st.LastModified = "", "" // what was read in part must be sent again
	}
}

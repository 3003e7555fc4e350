package fetcher

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/story"
)

const (
	// standInLetters are the least that the feed's own text must have to stand in for a page that is refused: two
	// sentences say what happened, a headline does not.
	standInLetters = 80
	// wallsMost is after how many pages in a row behind a bot wall a host's other pages are not asked for, for a while.
	wallsMost = 4
)

// settleOrStandIn ends an entry whose page is refused. Where the feed gave enough text of its own, that goes on in the
// page's place: the ledger has the refusal, and then how the text ended.
func (f *Fetcher) settleOrStandIn(ctx context.Context, e story.Entry, res story.TurnResult, v verdict) (story.TurnResult, error) {
	refused := v.outcome == story.Blocked || v.outcome == story.BotWall
	if !refused || e.Item == nil || max(len(words(e.Item.Content)), len(words(e.Item.Summary))) < standInLetters {
		return f.settle(ctx, e, res, v)
	}
	v.reason += "; the feed's own text goes on in its place"
	if err := f.pub.PublishLedger(ctx, outcomeOf(e, v.outcome, v.reason)); err != nil {
		return res, fmt.Errorf("account for %s: %w", e.Listed, err)
	}
	f.metrics.standIns.WithLabelValues(string(v.outcome)).Inc()
	now := time.Now()
	page := story.Page{
		ID: e.ID, Visit: e.Visit, URL: e.Listed, FinalURL: e.URL, Source: e.Source, Feed: e.Feed, Item: e.Item,
		Instead: cut(v.reason, 500), FetchedAt: story.Instant(now),
	}
	return f.passOn(ctx, page, e, res, now)
}

// noteWall counts the pages of a host that a bot wall stood before, and says for how long no other is to be asked for.
func (f *Fetcher) noteWall(st *story.HostState, v verdict, now time.Time) {
	switch {
	case v.outcome == story.BotWall:
		st.Walls = min(st.Walls+1, 1000)
		if st.Walls >= wallsMost {
			st.WallUntil = story.Instant(now.Add(backoff(60*f.cfg.HostDelay, st.Walls-wallsMost+1, time.Hour)))
		}
	case v == (verdict{}):
		st.Walls, st.WallUntil = 0, time.Time{}
	}
}

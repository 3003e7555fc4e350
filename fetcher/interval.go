package fetcher

import (
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/story"
)

// nextPoll is the time until the feed's next poll, and keeps st.Interval, the interval it has when all is well.
// Nothing makes a failing feed be polled faster than a good one, and nothing stops it for good but a 410. fresh is for how
// long the server wants not to be asked: it is obeyed whatever the interval.
func (f *Fetcher) nextPoll(in story.Feed, st *story.FeedState, got poll, fresh time.Duration, now time.Time) time.Duration {
	least, most := f.cfg.MinInterval, f.cfg.MaxInterval
	if st.Interval == 0 {
		st.Interval = min(2*least, most)
	}
	switch {
	case in.Interval > 0:
		st.Interval = in.Interval
	case got.failed():
	case got.doc == nil || got.parts != nil: // the parts of an index tell of its rhythm, when they are polled
		st.Interval = min(st.Interval*5/4, most)
	default:
		st.Interval = adapt(*got.doc, st.Interval, st.LastItem, now)
	}
	if in.Interval == 0 {
		// What the feed asks for counts, but not beyond the most: many say "daily" and mean nothing by it.
		asked := min(feed.Pace(st.Hints), most)
		st.Interval = min(max(st.Interval, asked, least), most)
	}
	every := max(failing(st.Interval, st.Failures), fresh)
	for range 7 * 24 {
		if !feed.Quiet(st.Hints, now.Add(every)) {
			break
		}
		every += time.Hour
	}
	return every
}

// adapt estimates half the time to the next item from the dates of the latest ones, and from how long the feed has been
// quiet. Without dates it goes by whether the poll brought anything.
func adapt(doc feed.Document, interval time.Duration, lastItem, now time.Time) time.Duration {
	dates := latest(doc)
	if len(dates) < 2 {
		if now.Sub(lastItem) < time.Second {
			return interval * 3 / 4
		}
		return interval * 5 / 4
	}
	gap := dates[0].Sub(dates[len(dates)-1]) / time.Duration(len(dates)-1)
	return max(gap, now.Sub(dates[0])/2) / 2
}

// failing doubles the interval with every failure in a row up to a day, and to a week when two weeks of days
// have brought nothing.
func failing(interval time.Duration, failures int) time.Duration {
	const day = 24 * time.Hour
	if failures == 0 {
		return interval
	}
	if failures > 24 {
		return max(interval, 7*day)
	}
	for i := 0; i < failures && interval < day; i++ {
		interval = min(2*interval, day)
	}
	return interval
}

package fetcher

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feed"
	"github.com/spywire/spywire/internal/story"
)

const (
	// A feed is silent when nothing new has come for silentGaps times its median gap: about one source in ten of a
	// public list is dead or stale while it answers 200.
	silentGaps = 3
	// Nights and weekends are gaps too: half as long again as the longest of the latest ones is no silence yet.
	longGaps = 1.5
	// gapsOf is how many items a feed's rhythm is learned from.
	gapsOf = 20
	// batch is the time within which items came together: a feed that brings thirty a day at once comes daily.
	batch = time.Minute
)

// learn keeps a feed's rhythm: the gaps between its latest items by their dates, those of a batch as one, or, where these tell
// nothing, between the polls that brought something. lastItem is when something new had come before this poll.
func learn(st *story.FeedState, doc feed.Document, lastItem time.Time) {
	st.Newest = time.Time{}
	if !doc.Newest.IsZero() {
		st.Newest = story.Instant(doc.Newest)
	}
	came := moments(dates(doc))
	if len(came) < 2 {
		if gap := st.LastItem.Sub(lastItem); !lastItem.IsZero() && gap > 0 {
			// A moving mean: single polls are all there is to go by.
			st.Gap = (3*max(st.Gap, gap/4) + gap) / 4
			st.LongestGap = max(st.LongestGap*9/10, gap)
		}
		return
	}
	gaps := make([]time.Duration, len(came)-1)
	for i := range gaps {
		gaps[i] = came[i].Sub(came[i+1])
	}
	slices.Sort(gaps)
	st.Gap, st.LongestGap = gaps[len(gaps)/2], gaps[len(gaps)-1]
}

// moments are the latest dates that lie a batch or more apart, of dates that come newest first.
func moments(dates []time.Time) []time.Time {
	var apart []time.Time
	for _, at := range dates {
		if n := len(apart); n == 0 || apart[n-1].Sub(at) >= batch {
			apart = append(apart, at)
		}
	}
	return apart[:min(len(apart), gapsOf)]
}

// latest are the dates of the latest items, newest first.
func latest(doc feed.Document) []time.Time {
	all := dates(doc)
	return all[:min(len(all), gapsOf)]
}

// dates are those of all items, newest first.
func dates(doc feed.Document) []time.Time {
	var dates []time.Time
	for _, it := range doc.Items {
		if at := dated(it.Item); !at.IsZero() {
			dates = append(dates, at)
		}
	}
	slices.SortFunc(dates, func(a, b time.Time) int { return b.Compare(a) })
	return dates
}

// silence tells whether a feed that answers has nothing to say any more: it is frozen if the answer is the same for ever,
// stale if it changes and brings nothing new. changed says that this poll brought another document than the last.
func silence(st *story.FeedState, changed bool, now time.Time) {
	last := st.Newest
	if last.IsZero() || last.After(now) {
		last = st.LastItem
	}
	quiet := now.Sub(last)
	if !healthy(st.State) || last.IsZero() || st.Gap <= 0 || quiet <= patienceFor(*st) {
		return
	}
	words := fmt.Sprintf("nothing new for %s, where an item used to come every %s", roughly(quiet), strings.TrimPrefix(roughly(st.Gap), "an "))
	if !changed && now.Sub(st.ChangedAt) > patienceFor(*st) {
		st.State, st.Reason = StateFrozen, fmt.Sprintf("The answer is the same since %s: %s.", st.ChangedAt.Format("2006-01-02 15:04"), words)
		return
	}
	st.State, st.Reason = StateStale, "There is "+words+"."
}

// patienceFor is how long a feed may be quiet.
func patienceFor(st story.FeedState) time.Duration {
	return max(silentGaps*st.Gap, time.Duration(longGaps*float64(st.LongestGap)), silentGaps*st.Interval)
}

// roughly is a duration as people say it.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 55*time.Minute && d < 65*time.Minute:
		return "an hour"
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}

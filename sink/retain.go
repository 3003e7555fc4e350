package sink

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Table is one whose rows retention takes.
type Table string

// The tables that grow. Labels and the search index go with their story.
const (
	TableStories  Table = "stories"        // by the last fetch; with versions, labels and search; the ledger keeps the outcome
	TableVersions Table = "story_versions" // what earlier versions said, by when they were last seen; that they stood stays
	TableLedger   Table = "ledger"         // outcomes of URLs without a story, by their instant; with all steps of these URLs
	TableEvents   Table = "ledger_events"  // steps that say nothing any longer, see Store.Old
)

// Tables are all of them, in the order in which a pass goes through them.
var Tables = []Table{TableStories, TableVersions, TableLedger, TableEvents}

// Limit is what of a table is kept. The zero value keeps everything.
type Limit struct {
	Age  time.Duration // older rows go; 0 is no limit
	Size int64         // bytes of the contents of the newest rows, as they are stored and without indexes; 0 is no limit
}

// Old is a row that retention may take.
type Old struct {
	ID      story.ID
	Version int               // of story_versions
	Event   story.LedgerEntry // of ledger_events
	At      time.Time         // what its age counts from
	Bytes   int64
}

// Weight is how many bytes of a table are of one span of time.
type Weight struct {
	At    time.Time // its beginning
	Bytes int64
}

// expiredReason begins the reason of the step by which retention took a story: it is in the store no longer, and comes back
// with a later visit only, not with a message that is delivered or judged again.
const expiredReason = "removed by retention: "

// noRecord stands for the record of a version that retention has taken.
const noRecord = "null"

// Dropped counts what a pass of Retain took.
type Dropped struct {
	Rows  int
	Bytes int64
}

// retainBatch is how many rows go in one transaction: between two of them the batches of the sink have their turn.
const retainBatch = 100

// Retain takes what is over the limits, oldest first, and has the store give back the space. What was forgotten stays so,
// URLs that are under way stay, and so do outcomes of a URL that has its story or that a kept one was merged into. It may be stopped at any time
// and run beside sinks that write: every row is looked at again in the transaction that takes it. Of a size limit it
// holds that the newest rows are kept, and what must be kept anyway is not counted.
func (s *Sink) Retain(ctx context.Context, limits map[Table]Limit) (map[Table]Dropped, error) {
	dropped := map[Table]Dropped{}
	for _, table := range Tables {
		before, err := s.cutoff(ctx, table, limits[table])
		if err == nil && !before.IsZero() {
			dropped[table], err = s.takeOld(ctx, table, before)
		}
		if err != nil {
			return dropped, fmt.Errorf("retention of %s: %w", table, err)
		}
	}
	if err := s.store.Compact(ctx); err != nil {
		return dropped, fmt.Errorf("retention: give back the space: %w", err)
	}
	s.metrics.passed.SetToCurrentTime()
	return dropped, nil
}

// cutoff is the instant before which rows go, zero if none do.
func (s *Sink) cutoff(ctx context.Context, table Table, limit Limit) (before time.Time, err error) {
	if limit.Age > 0 {
		before = s.now().Add(-limit.Age)
	}
	if limit.Size <= 0 {
		return before, nil
	}
	// Hours from the newest on, until one does not fit; of that one, instants.
	room := limit.Size
	over := func(from, until time.Time, by time.Duration) (Weight, error) {
		weights, err := s.store.Weights(ctx, table, from, until, by)
		for _, w := range weights {
			if room -= w.Bytes; room < 0 {
				room += w.Bytes
				return w, nil
			}
		}
		return Weight{}, err
	}
	hour, err := over(time.Unix(0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour)
	if err != nil || hour.At.IsZero() {
		return before, err
	}
	instant, err := over(hour.At, hour.At.Add(time.Hour), time.Millisecond)
	if err != nil {
		return before, err
	}
	if first := instant.At.Add(time.Millisecond); !instant.At.IsZero() && first.After(before) {
		before = first
	}
	return before, nil
}

func (s *Sink) takeOld(ctx context.Context, table Table, before time.Time) (sum Dropped, err error) {
	for batch, err := range batches(s.store.Old(ctx, table, before), retainBatch) {
		if err != nil {
			return sum, err
		}
		n, err := s.take(ctx, table, before, batch)
		if err != nil {
			return sum, err
		}
		s.metrics.dropped(table, n)
		sum.Rows, sum.Bytes = sum.Rows+n.Rows, sum.Bytes+n.Bytes
	}
	return sum, nil
}

// take takes the rows of a batch for which it still holds that they may go.
func (s *Sink) take(ctx context.Context, table Table, before time.Time, batch []Old) (n Dropped, err error) {
	ids, seen := []story.ID{}, map[story.ID]bool{}
	for _, o := range batch {
		if !seen[o.ID] {
			ids, seen[o.ID] = append(ids, o.ID), true
		}
	}
	err = s.store.Update(ctx, ids, func(states map[story.ID]State) (c Changes, err error) {
		n = Dropped{}
		p := newPlan(states, story.Instant(s.now()))
		var drop Changes
		for _, o := range batch {
			if p.drop(table, before, o, &drop) {
				n.Rows, n.Bytes = n.Rows+1, n.Bytes+o.Bytes
			}
		}
		c, err = p.changes()
		c.Drop, c.Unlist, c.Unsay, c.Versions = drop.Drop, drop.Unlist, drop.Unsay, append(c.Versions, drop.Versions...)
		return c, err
	})
	return n, err
}

// drop adds to the changes what takes a row, or reports that it must stay.
func (p *plan) drop(table Table, before time.Time, o Old, c *Changes) bool {
	st := p.before[o.ID]
	switch table {
	case TableStories:
		if len(st.Versions) == 0 || st.Current == nil {
			return false
		}
		last := st.Versions[len(st.Versions)-1]
		if !last.Last.FetchedAt.Before(before) {
			return false
		}
		c.Drop = append(c.Drop, o.ID)
		p.entry(story.LedgerEntry{
			ID: o.ID, Visit: last.Last.Visit, URL: st.Current.URL, Source: st.Current.Source, Stage: story.StageSink, At: p.now,
			Outcome: lastWord(st.Own), Reason: fmt.Sprintf("%sfetched %s", expiredReason, last.Last.FetchedAt.Format(time.RFC3339)),
		})
	case TableVersions:
		if o.Version < 1 || o.Version >= len(st.Versions) {
			return false
		}
		v := st.Versions[o.Version-1]
		if v.expired() || !v.Last.FetchedAt.Before(before) {
			return false
		}
		v.Record = []byte(noRecord)
		c.Versions = append(c.Versions, v)
	case TableLedger:
		if len(st.Versions) > 0 || st.Current == nil || !st.Current.At.Before(before) || !st.Current.Outcome.Settled() || st.Current.Outcome == story.Forgotten {
			return false
		}
		c.Unlist = append(c.Unlist, o.ID)
	case TableEvents:
		e, now := o.Event, st.Current
		if now == nil || !now.Outcome.Settled() || e.Visit == now.Visit && e.At.Equal(now.At) && e.Stage == now.Stage && e.Outcome == now.Outcome {
			return false
		}
		c.Unsay = append(c.Unsay, e)
	}
	return true
}

// lastWord is what the sink last said that it has of a story.
func lastWord(own []story.LedgerEntry) story.Outcome {
	var last story.LedgerEntry
	for _, e := range own {
		if stores(e) && !e.At.Before(last.At) {
			last = e
		}
	}
	if last.Outcome == "" { // the events of a store that is damaged
		return story.Stored
	}
	return last.Outcome
}

// batches are the items of a sequence, n at a time.
func batches[T any](all iter.Seq2[T, error], n int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var batch []T
		for one, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if batch = append(batch, one); len(batch) == n {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

package sinktest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Plain writes what a store writes of new stories, with nothing but a driver.
type Plain interface {
	// Insert writes the rows of a batch of new stories in one transaction, and into a full-text index of the database's own.
	Insert(batch []PlainStory) error
	// Append writes the records alone, the fastest way that there is.
	Append(batch []PlainStory) error
}

// PlainStory is a story with the values of its rows, which the plain driver need not think about.
type PlainStory struct {
	story.Story
	Record, Reason string
	Labels         []sink.LabelRow
}

// Inserts stores generated stories in batches of 200, with ledger, versions and search index, and in turn has the plain driver
// put the same rows into the same tables and its own full-text index, to the same durability. ratio is how fast the
// store is to it.
func Inserts(b *testing.B, store Searchable, plain Plain) {
	const size = 200
	s, n := sink.New(store, sink.Options{}), 0
	var ours, theirs, bound time.Duration
	timed := func(d *time.Duration, err func() error) {
		start := time.Now()
		if err := err(); err != nil {
			b.Fatal(err)
		}
		*d += time.Since(start)
	}
	for b.Loop() {
		batch := make([]story.Story, size)
		for i := range batch {
			batch[i], n = Generated(n), n+1
		}
		timed(&ours, func() error {
			if err := s.Stories(b.Context(), batch); err != nil {
				return err
			}
			if n%(5*size) > 0 {
				return nil
			}
			return store.BuildSearch(b.Context(), nil) // at this pace a sink does it less often
		})
		var rows []PlainStory
		timed(&theirs, func() error {
			for _, st := range batch {
				record, err := json.Marshal(st)
				if err != nil {
					return err
				}
				rows = append(rows, PlainStory{st, string(record), "probability 0.91", labelRows(st)})
			}
			return plain.Insert(rows)
		})
		timed(&bound, func() error { return plain.Append(rows) })
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(n), "µs/story")
	b.ReportMetric(float64(theirs.Microseconds())/float64(n), "plain-µs/story")
	b.ReportMetric(float64(bound.Microseconds())/float64(n), "raw-µs/story")
	b.ReportMetric(float64(theirs)/float64(ours), "ratio")
}

func labelRows(s story.Story) (rows []sink.LabelRow) {
	for _, l := range s.Labels {
		rows = append(rows, sink.LabelRow{Category: l.Category, Score: l.Score})
		for _, sub := range l.Subtypes {
			rows = append(rows, sink.LabelRow{Category: l.Category, Subtype: sub.Name, Score: sub.Score})
		}
	}
	return rows
}

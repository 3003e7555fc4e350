// Package sink turns stories and ledger entries into rows of a store: it gives contents their version numbers,
// decides which outcome of a URL is the current one, re-queues what was lost on the way, and answers from the
// store why a URL ended as it did and whether every claim still reproduces. It decides; a Store (sink/sqlite)
// keeps.
package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// Options of New. The zero value works.
type Options struct {
	Logger     *slog.Logger          // nil is silent
	Registerer prometheus.Registerer // nil counts for nobody
	Now        func() time.Time      // nil is time.Now; stamps stored_at and the sink's own ledger entries
	Sweep      SweepOptions
}

// Sink writes batches to a store. Its methods may be called concurrently.
type Sink struct {
	store   Store
	now     func() time.Time
	sweep   SweepOptions
	metrics *metrics
}

// New is a sink on store, which the caller closes after the last batch.
func New(store Store, o Options) *Sink {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sink{
		store: store, now: o.Now, sweep: o.Sweep.withDefaults(),
		metrics: newMetrics(o.Registerer, store, o.Logger),
	}
}

// Stories stores a batch in one transaction, each story with its version and its outcome in the ledger, and
// returns nil once all of them are durable. Stories of rank also are copies and are passed over, and so are
// stories of an id that was forgotten. Handing in a batch again changes nothing.
//
// A record that can never be stored is poison: alone in its batch it is answered with fault.Drop; in company it is
// left out, the rest is stored, and the error asks to hand the records in again one by one. Any other error says
// that nothing of the batch was stored and that it is worth trying again.
func (s *Sink) Stories(ctx context.Context, batch []story.Story) error {
	return batched(batch, checkStory, func(good []prepared) error {
		return write(ctx, s, "stories", good, (*plan).story)
	})
}

// Ledger adds a batch of entries in one transaction under the same promises as Stories. The current outcome of
// an id depends on the set of its entries only, never on their order or on how often they came.
func (s *Sink) Ledger(ctx context.Context, batch []story.LedgerEntry) error {
	return batched(batch, checkEntry, func(good []story.LedgerEntry) error {
		return write(ctx, s, "ledger", good, (*plan).entry)
	})
}

// batched checks every record and writes the good ones.
func batched[In, Out any](batch []In, check func(In) (Out, error), write func([]Out) error) error {
	var faults []error
	good := make([]Out, 0, len(batch))
	for _, record := range batch {
		out, err := check(record)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		good = append(good, out)
	}
	err := write(good)
	switch {
	case err != nil && len(batch) == 1 && errors.Is(err, ErrRecord):
		return fault.Drop(story.DeadLetter, err)
	case err != nil:
		return err
	case len(faults) == 0:
		return nil
	case len(batch) == 1:
		return fault.Drop(story.DeadLetter, faults[0])
	}
	return fmt.Errorf("%d records of %d can never be stored, hand them in one by one: %w", len(faults), len(batch), errors.Join(faults...))
}

// write plans the changes that records make to what the store has, and writes them, in one transaction.
func write[R story.Record](ctx context.Context, s *Sink, kind string, records []R, add func(*plan, R)) error {
	if len(records) == 0 {
		return nil
	}
	start := time.Now()
	ids := make([]story.ID, 0, len(records))
	for _, r := range records {
		ids = append(ids, r.Ref().ID)
	}
	slices.Sort(ids)
	var wrote Changes
	err := s.store.Update(ctx, slices.Compact(ids), func(states map[story.ID]State) (Changes, error) {
		p := newPlan(states, story.Instant(s.now()))
		for _, r := range records {
			add(p, r)
		}
		var err error
		wrote, err = p.changes()
		return wrote, err
	})
	if err != nil {
		s.metrics.failures.WithLabelValues(kind).Inc()
		return fmt.Errorf("store a batch of %d %s: %w", len(records), kind, err)
	}
	s.metrics.wrote(kind, time.Since(start), wrote)
	return nil
}

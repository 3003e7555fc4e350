package bus_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// shelf is a store that can be down.
type shelf struct {
	mu    sync.Mutex
	down  bool
	rows  map[story.ID]int
	calls []int // sizes of batches
}

func (s *shelf) store(_ context.Context, stories []story.Story) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, len(stories))
	if s.down {
		return errors.New("database is down")
	}
	for _, st := range stories { // one bad record fails the batch it is in
		switch st.Title {
		case "poison":
			return fault.Dropf(story.DeadLetter, "cannot be stored")
		case "odd":
			return errors.New("constraint failed")
		case "panic":
			panic("ouch")
		}
	}
	for _, st := range stories {
		s.rows[st.ID]++
	}
	return nil
}

func (s *shelf) stored() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.rows) }

func sink(b *bus.Bus, s *shelf, size int) func(context.Context) error {
	return func(ctx context.Context) error {
		return bus.ConsumeBatch(ctx, b, bus.Consumer{Durable: bus.StoriesSink, Stage: story.StageSink, Workers: size}, bus.DecodeStory, s.store)
	}
}

func publishStories(t *testing.T, b *bus.Bus, titles ...string) {
	t.Helper()
	for n, title := range titles {
		a := article(n)
		a.Title = title
		if err := b.PublishStory(t.Context(), story.Story{Article: a, Rank: story.RankPrimary, Labels: []story.Label{{Category: "a"}, {Category: "b"}}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBatchIsolatesPoison(t *testing.T) {
	b, _ := ready(t)
	publishStories(t, b, "fine", "poison", "fine", "panic", "fine")
	s := &shelf{rows: map[story.ID]int{}}
	worker(t, sink(b, s, 10))
	eventually(t, "all are settled", settled(t, b, bus.StoriesSink))
	if s.stored() != 3 {
		t.Errorf("%d rows, want 3", s.stored())
	}
	if dead := letters(t, b); len(dead) != 2 {
		t.Errorf("%d dead letters, want the poison and the panic", len(dead))
	}
	for _, e := range ledger(t, b) {
		if e.Outcome != story.DeadLetter || e.Stage != story.StageSink {
			t.Errorf("ledger: %+v", e)
		}
	}
	if s.calls[0] < 2 {
		t.Errorf("the first batch had %d records: nothing was gathered", s.calls[0])
	}
}

// A store that is down costs no record, however long it takes; nor does an odd record that only fails.
func TestStoreDownIsNoPoison(t *testing.T) {
	b, _ := ready(t)
	publishStories(t, b, "fine", "odd", "fine", "fine")
	s := &shelf{rows: map[story.ID]int{}, down: true}
	worker(t, sink(b, s, 10))
	eventually(t, "it was tried for longer than it stays in hand", func() bool {
		return lagOf(t, b, bus.StoriesSink).Redelivered > 0
	})
	time.Sleep(500 * time.Millisecond)
	if n := len(letters(t, b)); n != 0 {
		t.Fatalf("%d dead letters", n)
	}
	s.mu.Lock()
	s.down = false
	s.mu.Unlock()
	eventually(t, "the rest is stored", func() bool { return s.stored() == 3 })
	eventually(t, "only the odd one is left", func() bool { return lagOf(t, b, bus.StoriesSink).AckPending == 1 })
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestBatchHandsBackOnStop(t *testing.T) {
	b, srv := ready(t)
	publishStories(t, b, "fine", "fine", "fine")
	s := &shelf{rows: map[story.ID]int{}, down: true}
	stop := worker(t, sink(b, s, 2))
	eventually(t, "it has begun", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.calls) > 0 })
	if took := stop(); took > time.Second {
		t.Errorf("stopping took %s", took)
	}
	up := &shelf{rows: map[story.ID]int{}}
	since := time.Now()
	worker(t, sink(connect(t, srv), up, 10))
	eventually(t, "the next has them", func() bool { return up.stored() == 3 })
	if took := time.Since(since); took > 2*time.Second {
		t.Errorf("the next sink waited %s", took)
	}
}

func TestPoisonLedgerEntryDoesNotBreedMore(t *testing.T) {
	b, _ := ready(t)
	if err := b.PublishLedger(t.Context(), ledgerStep(1, story.Listed), ledgerStep(2, story.Robots)); err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	worker(t, func(ctx context.Context) error {
		c := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: 10}
		return bus.ConsumeBatch(ctx, b, c, bus.DecodeLedger, func(_ context.Context, steps []story.LedgerEntry) error {
			calls.Add(1)
			for _, e := range steps {
				if e.Outcome == story.Robots {
					return fault.Dropf(story.DeadLetter, "cannot")
				}
			}
			return nil
		})
	})
	eventually(t, "both are settled", settled(t, b, bus.LedgerSink))
	if len(letters(t, b)) != 1 || calls.Load() > 5 {
		t.Errorf("%d dead letters, %d calls", len(letters(t, b)), calls.Load())
	}
}

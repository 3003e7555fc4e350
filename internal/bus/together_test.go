package bus_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

func steps(first, n int) (entries []story.LedgerEntry) {
	for i := range n {
		entries = append(entries, ledgerStep(first+i, story.Listed))
	}
	return entries
}

// What one poll lists is one batch for the server, and arrives as messages like any others.
func TestWhatBelongsTogetherIsOneBatch(t *testing.T) {
	b, _ := ready(t)
	const items = 300 // two batches of the largest size, and a rest
	if err := b.PublishLedger(t.Context(), steps(0, items)...); err != nil {
		t.Fatal(err)
	}
	batches := map[string]int{}
	for _, m := range stored(t, b, bus.StreamLedger) {
		batches[m.Header.Get("Nats-Batch-Id")]++
	}
	if len(batches) != 3 || batches[""] != 0 {
		t.Errorf("batches: %v", batches)
	}
	if got := ledger(t, b); len(got) != items || got[0].URL != pageURL(0) || got[items-1].URL != pageURL(items-1) {
		t.Errorf("%d entries of %d, or out of order", len(got), items)
	}
}

// An entry that waits already does not keep the others of its batch out, and stays as it is.
func TestABatchWithSomethingQueuedAlready(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	var entries []story.Entry
	for n := range 100 {
		entries = append(entries, entry("a.example", n, story.PriorityPage))
	}
	if err := f.Enqueue(t.Context(), entries[40]); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Enqueue(t.Context(), entries...); err != nil {
			t.Fatal(err)
		}
	}
	waiting := stored(t, b, bus.StreamQueue)
	if len(waiting) != len(entries) || !strings.HasSuffix(waiting[0].Subject, string(entries[40].ID)) {
		t.Errorf("%d entries wait, want %d with the first one first", len(waiting), len(entries))
	}
	if tokens := stored(t, b, bus.StreamHosts); len(tokens) != 1 {
		t.Errorf("%d tokens", len(tokens))
	}
}

// What one reader of a work queue has stored is taken out at once, and what another has in hand stays until he has.
func TestRemovalTogetherLeavesWhatOthersHold(t *testing.T) {
	b, _ := ready(t)
	reader := func(handle func([]story.LedgerEntry) error) func(context.Context) error {
		c := bus.Consumer{Durable: bus.LedgerSink, Stage: story.StageSink, Workers: 50}
		return func(ctx context.Context) error {
			return bus.ConsumeBatch(ctx, b, c, bus.DecodeLedger, func(_ context.Context, es []story.LedgerEntry) error { return handle(es) })
		}
	}
	var mu sync.Mutex
	var held []story.LedgerEntry
	release := make(chan struct{})
	if err := b.PublishLedger(t.Context(), steps(0, 20)...); err != nil {
		t.Fatal(err)
	}
	stop := worker(t, reader(func(es []story.LedgerEntry) error {
		mu.Lock()
		held = es
		mu.Unlock()
		<-release
		return errors.New("its database went away")
	}))
	eventually(t, "one has them in hand", func() bool { mu.Lock(); defer mu.Unlock(); return len(held) == 20 })
	if err := b.PublishLedger(t.Context(), steps(20, 50)...); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	worker(t, reader(func(es []story.LedgerEntry) error {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range es {
			got[e.URL]++
		}
		return nil
	}))
	eventually(t, "the other has stored the rest", func() bool { return len(stored(t, b, bus.StreamLedger)) == 20 })
	close(release)
	stop()
	eventually(t, "what the first gave back is stored too", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) == 70 && len(stored(t, b, bus.StreamLedger)) == 0
	})
	if err := b.PublishLedger(t.Context(), steps(100, 50)...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes on", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == 120 })
	eventually(t, "nothing is left in anybody's hands", settled(t, b, bus.LedgerSink))
	mu.Lock()
	defer mu.Unlock()
	for url, n := range got {
		if n != 1 && !slices.ContainsFunc(held, func(e story.LedgerEntry) bool { return e.URL == url }) {
			t.Errorf("%s stored %d times", url, n)
		}
	}
}

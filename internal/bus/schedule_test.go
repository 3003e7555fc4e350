package bus_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// A feed that was due several times while the server was down is due once; a page is due once and not early; a schedule
// that is ended fires no more.
func TestSchedules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	b := connect(t, s)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := b.Frontier(bus.FrontierOptions{})
	feed, gone := story.NewID("https://a.example/feed"), story.NewID("https://a.example/gone")
	const every = 2 * time.Second
	for _, id := range []story.ID{feed, feed, gone} {
		if err := f.Wake(t.Context(), id, every); err != nil {
			t.Fatal(err)
		}
	}
	page := entry("b.example", 7, story.PriorityPage)
	at := time.Now().Add(700 * time.Millisecond)
	if err := f.Later(t.Context(), at, page); err != nil {
		t.Fatal(err)
	}
	if woken, err := f.Woken(t.Context()); err != nil || len(woken) != 2 || !woken[feed] {
		t.Fatalf("woken %v %v", woken, err)
	}
	b.Close()
	s.Shutdown()
	time.Sleep(2*every + every/4) // missed twice, and not due again at once

	b = connect(t, serve(t, dir))
	f = b.Frontier(bus.FrontierOptions{})
	var fired atomic.Int32
	started := time.Now()
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(ctx context.Context, id story.ID) error {
			if id == gone {
				return f.Retire(ctx, id)
			}
			fired.Add(1)
			return nil
		})
	})
	eventually(t, "the page is queued", func() bool {
		for _, m := range stored(t, b, bus.StreamQueue) {
			if strings.HasPrefix(m.Subject, "spywire.queue.b_example.1.") {
				return true
			}
		}
		return false
	})
	eventually(t, "the feed is due", func() bool { return fired.Load() > 0 })
	time.Sleep(every / 2)
	if n := int(fired.Load()); n > 1+int(time.Since(started)/every) {
		t.Errorf("fired %d times in %s, want once to catch up and then once in %s", n, time.Since(started), every)
	}
	eventually(t, "the other feed is retired", func() bool {
		woken, err := f.Woken(t.Context())
		return err == nil && len(woken) == 1 && woken[feed]
	})
	if err := f.Retire(t.Context(), feed); err != nil {
		t.Fatal(err)
	}
	if woken, err := f.Woken(t.Context()); err != nil || len(woken) != 0 {
		t.Errorf("woken %v %v", woken, err)
	}
}

func TestLaterIsNeverEarly(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	at := time.Now().Truncate(time.Second).Add(1001 * time.Millisecond)
	e := entry("b.example", 7, story.PriorityPage)
	if err := f.Later(t.Context(), at, e); err != nil {
		t.Fatal(err)
	}
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(context.Context, story.ID) error { return nil })
	})
	eventually(t, "it is queued", func() bool { return len(stored(t, b, bus.StreamQueue)) == 1 })
	if early := time.Until(at); early > 0 {
		t.Errorf("%s early", early)
	}
	eventually(t, "nothing is left in the schedule", func() bool { return len(stored(t, b, bus.StreamSchedule)) == 0 })
}

// New feeds are due once each, and one that has a schedule keeps it.
func TestWakeNew(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	old, now, soon := story.NewID("https://a.example/old"), story.NewID("https://a.example/now"), story.NewID("https://a.example/soon")
	if err := f.Wake(t.Context(), old, time.Hour); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	wakes := []story.Wake{{Feed: old, At: began}, {Feed: now, At: began}, {Feed: soon, At: began.Add(1500 * time.Millisecond)}}
	for range 2 {
		if err := f.WakeNew(t.Context(), wakes...); err != nil {
			t.Fatal(err)
		}
	}
	fired := make(chan story.ID, 10)
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(_ context.Context, id story.ID) error { fired <- id; return nil })
	})
	if id := <-fired; id != now {
		t.Errorf("first due: %s", id)
	}
	if id := <-fired; id != soon || time.Since(began) < 1500*time.Millisecond {
		t.Errorf("then due: %s after %s", id, time.Since(began))
	}
	eventually(t, "only the old schedule is left", func() bool {
		woken, err := f.Woken(t.Context())
		return err == nil && len(woken) == 1 && woken[old]
	})
	if len(fired) > 0 {
		t.Errorf("due once more: %s", <-fired)
	}
}

// A later try that is due while the entry it was made of still waits takes its place: taken for it, it would be lost when
// that one is taken out.
func TestLaterTryOutlivesTheEarlier(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	first := entry("c.example", 1, story.PriorityPage)
	if err := f.Enqueue(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	before := stored(t, b, bus.StreamQueue)
	if len(before) != 1 {
		t.Fatalf("%d entries", len(before))
	}
	second := first
	second.Attempt++
	if err := f.Later(t.Context(), time.Now(), second); err != nil {
		t.Fatal(err)
	}
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(context.Context, story.ID) error { return nil })
	})
	eventually(t, "the later try waits", func() bool {
		now := stored(t, b, bus.StreamQueue)
		return len(now) == 1 && now[0].Seq > before[0].Seq && strings.Contains(string(now[0].Data), `"attempt":1`)
	})
}

// A long list of new feeds is scheduled in batches, each one flush: all fire, over a restart, and one that has a schedule
// keeps it.
func TestNewFeedsInBatches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	b := connect(t, s)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := b.Frontier(bus.FrontierOptions{})
	kept := story.NewID("https://a.example/kept")
	if err := f.Wake(t.Context(), kept, time.Hour); err != nil {
		t.Fatal(err)
	}
	// Who is woken at once fires at once, and then has a schedule no more: only of those for later can it be looked for.
	wakes := func(name string, at time.Time) (wakes []story.Wake) {
		for i := range 300 {
			wakes = append(wakes, story.Wake{Feed: story.NewID(fmt.Sprint("https://a.example/", name, i)), At: at})
		}
		return append(wakes, story.Wake{Feed: kept, At: at})
	}
	for range 2 { // a second start changes nothing
		if err := f.WakeNew(t.Context(), wakes("later", time.Now().Add(time.Hour))...); err != nil {
			t.Fatal(err)
		}
		if woken, err := f.Woken(t.Context()); err != nil || len(woken) != 301 {
			t.Fatalf("%d feeds have schedules, %v", len(woken), err)
		}
	}
	if err := f.WakeNew(t.Context(), wakes("now", time.Now())...); err != nil {
		t.Fatal(err)
	}
	b.Close()
	s.Shutdown()
	f = connect(t, serve(t, dir)).Frontier(bus.FrontierOptions{})
	var mu sync.Mutex
	fired := map[story.ID]int{}
	worker(t, func(ctx context.Context) error {
		return f.Due(ctx, func(_ context.Context, id story.ID) error {
			mu.Lock()
			defer mu.Unlock()
			fired[id]++
			return nil
		})
	})
	eventually(t, "all are due", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(fired) >= 300
	})
	if woken, err := f.Woken(t.Context()); err != nil || len(woken) != 301 || !woken[kept] {
		t.Errorf("%d feeds have schedules, %v", len(woken), err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(fired) != 300 || fired[kept] != 0 {
		t.Errorf("%d feeds were due, one that had a schedule %d times", len(fired), fired[kept])
	}
}

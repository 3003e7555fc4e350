package bus_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// A lease begins with the pull and not when its message is read: a process that was stopped in between, for longer
// than the lease, must not think that it has just begun.
func TestLeaseBeginsWithThePull(t *testing.T) {
	b, _ := ready(t, func(o *bus.Options) {
		o.Timings.Fetch, o.Timings.TokenWait, o.Timings.Margin = 3*time.Second, 10*time.Second, time.Second
	})
	f := b.Frontier(bus.FrontierOptions{})
	left := make(chan time.Duration, 1)
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			left <- time.Until(turn.Deadline)
			return story.TurnResult{State: turn.State, Done: true}, nil
		})
	})
	waiting := func() bool {
		for _, l := range must(b.Lags(t.Context())) {
			if l.Durable == bus.HostsFetcher {
				return l.Waiting > 0
			}
		}
		return false
	}
	// A pull may be begun anew while the message is on its way, where a busy machine missed its heartbeat: then once more.
	var d time.Duration
	for n := range 10 {
		eventually(t, "it waits for a token", waiting)
		time.Sleep(time.Second)
		if err := f.Enqueue(t.Context(), entry(fmt.Sprintf("a%d.example", n), 1, story.PriorityPage)); err != nil {
			t.Fatal(err)
		}
		if d = <-left; d <= 8*time.Second+100*time.Millisecond {
			return
		}
	}
	t.Errorf("%s of the lease are left, want 9s less what the pull has waited", d)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// After a reconnect nobody is asked anything for one pause: tokens may come back early, and their holders may still
// be asking.
func TestNobodyIsAskedRightAfterAReconnect(t *testing.T) {
	t.Parallel()
	const delay = time.Second
	dir := t.TempDir()
	s := serve(t, dir)
	b := connect(t, s, func(o *bus.Options) { o.NATS = append(o.NATS[:0], embeddedDial(dir)) })
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := b.Frontier(bus.FrontierOptions{Delay: delay})
	var mu sync.Mutex
	asked := map[string]time.Time{}
	at := func(url string) time.Time { mu.Lock(); defer mu.Unlock(); return asked[url] }
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 2, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			mu.Lock()
			defer mu.Unlock()
			asked[turn.Entry.URL] = time.Now()
			return story.TurnResult{State: turn.State, Done: true}, nil
		})
	})
	before, after := entry("a.example", 1, story.PriorityPage), entry("b.example", 1, story.PriorityPage)
	if err := f.Enqueue(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	eventually(t, "at first nobody waits", func() bool { return !at(before.URL).IsZero() })
	s.Shutdown()
	eventually(t, "the loss is noticed", func() bool { return !b.Connected() })
	serve(t, dir)
	eventually(t, "the bus is back", b.Connected)
	back := time.Now()
	if err := f.Enqueue(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is asked", func() bool { return !at(after.URL).IsZero() })
	if pause := at(after.URL).Sub(back); pause < delay*9/10 {
		t.Errorf("asked %s after the reconnect", pause)
	}
}

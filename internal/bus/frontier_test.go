package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

const hostDelay = 100 * time.Millisecond

// web notes every request and the state that came with it.
type web struct {
	mu       sync.Mutex
	requests map[string][]time.Time // by host, when they ended
	urls     map[string]int
	order    []string
	breaches []string
	busy     map[string]bool
}

func newWeb() *web {
	return &web{requests: map[string][]time.Time{}, urls: map[string]int{}, busy: map[string]bool{}}
}

func (w *web) turn(_ context.Context, t story.Turn) (story.TurnResult, error) {
	w.begin(t)
	time.Sleep(5 * time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[t.Host] = false
	w.requests[t.Host] = append(w.requests[t.Host], time.Now())
	return story.TurnResult{State: t.State, Done: true, Pause: hostDelay}, nil
}

func (w *web) begin(t story.Turn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.urls[t.Entry.URL]++
	w.order = append(w.order, t.Entry.URL)
	if w.busy[t.Host] {
		w.breaches = append(w.breaches, "two at once at "+t.Host)
	}
	w.busy[t.Host] = true
	if last := w.requests[t.Host]; len(last) > 0 {
		if gap := time.Since(last[len(last)-1]); gap < hostDelay*9/10 {
			w.breaches = append(w.breaches, fmt.Sprintf("%s after %s", t.Host, gap))
		}
	}
}

func (w *web) fetched() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.urls) }

func work(f *bus.Frontier, w *web) func(context.Context) error {
	return func(ctx context.Context) error { return f.Work(ctx, 8, w.turn) }
}

func queueIsEmpty(t *testing.T, b *bus.Bus) func() bool {
	return func() bool {
		return len(stored(t, b, bus.StreamQueue)) == 0 && len(stored(t, b, bus.StreamHosts)) == 0
	}
}

// Three frontiers share the hosts; one of them loses its connection in the middle. No host is asked by two at once or
// before its pause is over, and everything is fetched.
func TestTokensAreExclusiveOverReplicas(t *testing.T) {
	first, s := ready(t, func(o *bus.Options) { o.Timings.TokenWait = 2 * time.Second })
	opts := bus.FrontierOptions{Delay: hostDelay}
	var entries []story.Entry
	for host := range 6 {
		for n := range 5 {
			entries = append(entries, entry(fmt.Sprintf("h%d.example", host), n, story.PriorityPage))
		}
	}
	if err := first.Frontier(opts).Enqueue(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	w := newWeb()
	worker(t, work(first.Frontier(opts), w))
	worker(t, work(connect(t, s).Frontier(opts), w))
	victim := connect(t, s)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		_ = victim.Frontier(opts).Work(context.WithoutCancel(t.Context()), 2, func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
			w.begin(turn)
			bus.Drop(victim) // holding a token, with a request under way
			w.mu.Lock()
			defer w.mu.Unlock()
			w.busy[turn.Host] = false
			w.requests[turn.Host] = append(w.requests[turn.Host], time.Now())
			return story.TurnResult{State: turn.State, Done: true, Pause: hostDelay}, nil
		})
	}()
	eventually(t, "the queue is empty", queueIsEmpty(t, first))
	<-killed
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.urls) != len(entries) || len(w.breaches) > 0 {
		t.Errorf("%d of %d fetched; breaches %v", len(w.urls), len(entries), w.breaches)
	}
}

func TestUrgentEntriesFirst(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	for n, p := range []story.Priority{story.PriorityBackfill, story.PriorityPage, story.PriorityPoll, story.PriorityPage} {
		for range 2 { // again: already queued is fine
			if err := f.Enqueue(t.Context(), entry("a.example", n, p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	w := newWeb()
	worker(t, work(f, w))
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	want := []string{"https://a.example/2", "https://a.example/1", "https://a.example/3", "https://a.example/0"}
	if !slices.Equal(w.order, want) {
		t.Errorf("order %v", w.order)
	}
	state, revision, err := f.HostState(t.Context(), "a_example")
	if err != nil || revision == 0 || state.NotBefore.IsZero() {
		t.Errorf("state %+v %d %v", state, revision, err)
	}
}

// A host of many feeds does not starve the pages they list: after a few polls in a row a page has its turn.
func TestPollsDoNotStarvePages(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	for n := range 10 {
		if err := f.Enqueue(t.Context(), entry("a.example", n, story.PriorityPoll), entry("a.example", 100+n, story.PriorityPage)); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	var order []story.Priority
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, turn.Entry.Priority)
			if turn.State.Polls++; turn.Entry.Priority != story.PriorityPoll {
				turn.State.Polls = 0
			}
			return story.TurnResult{State: turn.State, Done: true}, nil
		})
	})
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	mu.Lock()
	defer mu.Unlock()
	if at := slices.Index(order, story.PriorityPage); at != 4 || order[5] != story.PriorityPoll || len(order) != 20 {
		t.Errorf("order %v", order)
	}
}

// An entry that cannot be read, that panics or that is dropped does not block its host.
func TestBadEntriesDoNotBlockTheirHost(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	id := story.NewID("https://a.example/broken")
	if _, err := raw(t, b).Publish(t.Context(), "spywire.queue.a_example.0."+string(id), []byte("{broken")); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if err := f.Enqueue(t.Context(), entry("a.example", n, story.PriorityPage)); err != nil {
			t.Fatal(err)
		}
	}
	var fine, hiccups atomic.Int32
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 2, func(_ context.Context, turn story.Turn) (story.TurnResult, error) {
			switch turn.Entry.URL {
			case "https://a.example/0":
				panic("ouch")
			case "https://a.example/1":
				return story.TurnResult{}, fault.Dropf(story.TooLarge, "9 GB")
			case "https://a.example/2":
				if hiccups.Add(1) < 3 {
					return story.TurnResult{}, errors.New("NATS hiccup")
				}
			}
			fine.Add(1)
			return story.TurnResult{State: turn.State, Done: true, Pause: time.Millisecond}, nil
		})
	})
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	if fine.Load() != 2 || len(letters(t, b)) != 2 {
		t.Errorf("%d fine, %d dead letters, want 2 and 2", fine.Load(), len(letters(t, b)))
	}
	var outcomes []string
	for _, e := range ledger(t, b) {
		outcomes = append(outcomes, e.URL+" "+string(e.Outcome))
	}
	if want := []string{"https://a.example/0 dead_letter", "https://a.example/1 too_large"}; !slices.Equal(outcomes, want) {
		t.Errorf("ledger %v", outcomes)
	}
}

// Somebody who wrote the host's state during our turn has the token: we must not answer for it.
func TestConflictLeavesTheTokenAlone(t *testing.T) {
	b, _ := ready(t, func(o *bus.Options) {
		o.Timings.TokenWait = 1500 * time.Millisecond
		o.Timings.Margin = 300 * time.Millisecond
	})
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	var turns []time.Time
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
			turns = append(turns, time.Now())
			if len(turns) == 1 {
				if _, err := raw(t, b).Publish(ctx, "$KV.spywire_hosts.a_example", []byte(`{"host":"a_example"}`)); err != nil {
					t.Error(err)
				}
			}
			return story.TurnResult{State: turn.State, Done: true}, nil
		})
	})
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	if len(turns) != 2 || turns[1].Sub(turns[0]) < time.Second {
		t.Errorf("turns %v: the second must wait for the server to take the token away", turns)
	}
}

// A token that got lost is made again.
func TestSweep(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{Delay: time.Millisecond})
	if err := f.Enqueue(t.Context(), entry("a.example", 1, story.PriorityPage), entry("b.example", 1, story.PriorityPage)); err != nil {
		t.Fatal(err)
	}
	hosts, err := raw(t, b).Stream(t.Context(), bus.StreamHosts)
	if err != nil {
		t.Fatal(err)
	}
	if err := hosts.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newWeb()
	worker(t, work(f, w))
	eventually(t, "both are fetched", func() bool { return w.fetched() == 2 })
}

func TestTurnCarriesTheTrace(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	e := entry("a.example", 1, story.PriorityPage)
	e.Trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	if err := f.Enqueue(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	worker(t, func(ctx context.Context) error {
		return f.Work(ctx, 1, func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
			return story.TurnResult{State: turn.State, Done: true}, b.PublishPage(ctx, page(1, "x"))
		})
	})
	eventually(t, "the page is out", func() bool { return len(stored(t, b, bus.StreamPages)) == 1 })
	if got := stored(t, b, bus.StreamPages)[0].Header.Get("traceparent"); !strings.Contains(got, "0123456789abcdef0123456789abcdef") {
		t.Errorf("traceparent %q", got)
	}
}

func TestFeedStateIsCompareAndSet(t *testing.T) {
	b, _ := ready(t)
	f := b.Frontier(bus.FrontierOptions{})
	id := story.NewID("https://a.example/feed")
	state, revision, err := f.FeedState(t.Context(), id)
	if err != nil || revision != 0 || state.URL != "" {
		t.Fatalf("nothing known: %+v %d %v", state, revision, err)
	}
	mine := story.FeedState{ID: id, URL: "https://a.example/feed", Interval: 90 * time.Second, Items: map[story.ID]string{id: "h"}}
	if err := f.PutFeedState(t.Context(), mine, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.PutFeedState(t.Context(), mine, 0); !bus.IsConflict(err) {
		t.Errorf("created twice: %v", err)
	}
	state, revision, err = f.FeedState(t.Context(), id)
	if err != nil || state.Interval != mine.Interval || state.Items[id] != "h" {
		t.Fatalf("%+v %v", state, err)
	}
	if err := f.PutFeedState(t.Context(), mine, revision); err != nil {
		t.Fatal(err)
	}
	if err := f.PutFeedState(t.Context(), mine, revision); !bus.IsConflict(err) {
		t.Errorf("stale revision: %v", err)
	}
}

// A stop finishes the turn in hand and leaves every token where the next frontier finds it at once.
func TestFrontierStops(t *testing.T) {
	b, s := ready(t)
	opts := bus.FrontierOptions{Delay: 10 * time.Millisecond}
	var entries []story.Entry
	for n := range 12 {
		entries = append(entries, entry(fmt.Sprintf("h%d.example", n), 1, story.PriorityPage))
	}
	if err := b.Frontier(opts).Enqueue(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	var done atomic.Int32
	turn := func(ctx context.Context, turn story.Turn) (story.TurnResult, error) {
		time.Sleep(100 * time.Millisecond)
		done.Add(1)
		return story.TurnResult{State: turn.State, Done: true}, ctx.Err()
	}
	stop := worker(t, func(ctx context.Context) error { return b.Frontier(opts).Work(ctx, 3, turn) })
	eventually(t, "it is at work", func() bool { return done.Load() > 0 })
	if took := stop(); took > time.Second {
		t.Errorf("stopping took %s", took)
	}
	if left := len(stored(t, b, bus.StreamQueue)); left+int(done.Load()) != len(entries) {
		t.Errorf("%d left, %d done", left, done.Load())
	}
	worker(t, func(ctx context.Context) error { return connect(t, s).Frontier(opts).Work(ctx, 12, turn) })
	since := time.Now()
	eventually(t, "the rest is done", func() bool { return int(done.Load()) == len(entries) })
	if took := time.Since(since); took > 2*time.Second {
		t.Errorf("the next frontier waited %s", took)
	}
}

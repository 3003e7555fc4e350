package bus_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// slowWeb notes who talks to which host when. Its answers take as long as they say, or until the caller hangs up.
type slowWeb struct {
	mu      sync.Mutex
	took    time.Duration
	pause   time.Duration
	talking map[string]bool
	ended   map[string]time.Time
	done    map[story.ID]int
	broken  int
	faults  []string
}

func newSlowWeb(took, pause time.Duration) *slowWeb {
	return &slowWeb{took: took, pause: pause, talking: map[string]bool{}, ended: map[string]time.Time{}, done: map[story.ID]int{}}
}

func (w *slowWeb) turn(ctx context.Context, t story.Turn) (story.TurnResult, error) {
	w.mu.Lock()
	if w.talking[t.Host] {
		w.faults = append(w.faults, "two at once at "+t.Host)
	}
	if gap := time.Since(w.ended[t.Host]); gap < w.pause {
		w.faults = append(w.faults, "after "+gap.String()+" at "+t.Host)
	}
	w.talking[t.Host] = true
	took := w.took
	w.mu.Unlock()
	var err error
	select {
	case <-time.After(took):
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.talking[t.Host], w.ended[t.Host] = false, time.Now()
	if err != nil {
		w.broken++
		return story.TurnResult{State: t.State}, err
	}
	w.done[t.Entry.ID]++
	return story.TurnResult{State: t.State, Done: true, Pause: w.pause}, nil
}

func (w *slowWeb) fetched() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.done) }

// The server is gone in the middle of requests and, back, has forgotten who holds which token, as after kill -9: nobody
// is asked by two at once or too soon, and everything is fetched, once more at most than there were requests under way.
func TestNoTwoAtAHostAfterTheServerForgot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newExternal(t, dir, 1<<30)
	b, _ := e.connect(testBudget)
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	const hosts, pages, delay = 8, 6, 200 * time.Millisecond
	var entries []story.Entry
	for host := range hosts {
		for n := range pages {
			entries = append(entries, entry(string(rune('a'+host))+".example", n, story.PriorityPage))
		}
	}
	web := newSlowWeb(150*time.Millisecond, delay)
	if err := b.Frontier(bus.FrontierOptions{Delay: delay}).Enqueue(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		other, _ := e.connect(testBudget)
		f := other.Frontier(bus.FrontierOptions{Delay: delay})
		worker(t, func(ctx context.Context) error { return f.Work(ctx, hosts, web.turn) })
	}
	restarts := atomic.Int32{}
	for _, took := range []time.Duration{150 * time.Millisecond, 3 * time.Second} { // ended in time, and not
		web.mu.Lock()
		web.took = took
		before := len(web.done)
		web.mu.Unlock()
		eventually(t, "requests are under way", func() bool {
			web.mu.Lock()
			defer web.mu.Unlock()
			talking := 0
			for _, yes := range web.talking {
				if yes {
					talking++
				}
			}
			return talking >= hosts/2 && (took > time.Second || len(web.done) > before+hosts/2)
		})
		e.running.Shutdown()
		e.running.WaitForShutdown()
		state, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", bus.StreamHosts, "obs", "fetcher", "o.dat"))
		if err != nil || len(state) != 1 {
			t.Fatalf("where the server remembers tokens: %v %v", state, err)
		}
		if err := os.Remove(state[0]); err != nil {
			t.Fatal(err)
		}
		e.start()
		restarts.Add(1)
	}
	web.mu.Lock()
	web.took = 20 * time.Millisecond
	web.mu.Unlock()
	for end := time.Now().Add(40 * time.Second); web.fetched() < len(entries); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d fetched", web.fetched(), len(entries))
		}
	}
	eventually(t, "the queue is empty", queueIsEmpty(t, b))
	web.mu.Lock()
	defer web.mu.Unlock()
	for _, fault := range web.faults {
		t.Error(fault)
	}
	again := 0
	for _, n := range web.done {
		again += n - 1
	}
	if again > hosts*int(restarts.Load()) {
		t.Errorf("%d fetched again", again)
	}
	if web.broken == 0 {
		t.Error("no request was ended by the loss of the server: the test shows nothing")
	}
	t.Logf("%d requests ended early, %d fetched again", web.broken, again)
}

// A token that came over a link to a server that is gone gives no right to a request, though another server is there by the
// time the request would begin: that one gives the token to somebody else.
func TestTokenFromBefore(t *testing.T) {
	t.Parallel()
	held, release := bus.HeldFromBefore(t.Context())
	defer release()
	if held.Err() == nil {
		t.Error("the request may go on for as long as it likes")
	}
}

package bus_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
)

var tokenSeed = flag.Uint64("tokens.seed", 0, "seed of one more run of the token test; 0 takes the clock's")

const (
	tokenHosts   = 6
	tokenEntries = 12 // of each host
	tokenTrouble = 8 * time.Second
)

// tokenTimings have leases of 1.8 s, and a margin over the second by which a restarted server may bring a token early.
func tokenTimings() bus.Timings {
	t := bus.FastTimings()
	t.TokenWait, t.Margin, t.Grace, t.Sweep = 3*time.Second, 1200*time.Millisecond, 500*time.Millisecond, 700*time.Millisecond
	return t
}

// Whatever happens to those who hold the hosts' tokens, and to the server: no request begins outside a lease, no two are at
// a host at the same time, none begins before the pause is over, and no entry is lost. Processes are killed, stand still for
// longer than a lease, lose their connections and go; the server is started again; entries are queued again and again.
func TestTokensUnderTrouble(t *testing.T) {
	seeds := []uint64{1, 3, 1795732576642199175} // the last restarts the server while much is in hand
	if *tokenSeed == 0 {
		*tokenSeed = uint64(time.Now().UnixNano())
	}
	for _, seed := range append(seeds, *tokenSeed) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("again with -run %s -tokens.seed %d", t.Name(), seed)
			underTrouble(t, rand.New(rand.NewPCG(seed, 7)))
		})
	}
}

func underTrouble(t *testing.T, dice *rand.Rand) {
	w := &crowd{t: t, dir: t.TempDir(), asked: map[string]*asked{}, fetched: map[string]int{}}
	w.serve()
	w.first = w.connect(nil)
	if err := w.first.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.enqueue(w.entries()...)
	for range 3 {
		w.start(dice.Uint64())
	}
	w.trouble(dice)
	w.start(dice.Uint64())
	w.settle()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.breaches {
		t.Error(b)
	}
	t.Logf("%d requests, %d broken off, %d turns fenced off before a request; %v", w.requests, w.broken, w.fenced, w.happened)
	for _, e := range w.entries() {
		if w.fetched[e.URL] == 0 {
			t.Errorf("%s was lost", e.URL)
		}
	}
	if w.requests < len(w.entries()) || w.fenced == 0 {
		t.Errorf("%d requests, %d turns fenced: too little trouble to mean anything", w.requests, w.fenced)
	}
}

func (w *crowd) entries() []story.Entry {
	var list []story.Entry
	for host := range tokenHosts {
		name, entries := fmt.Sprintf("h%d.example", host), tokenEntries
		if name == slowHost {
			entries = 4
		}
		for n := range entries {
			list = append(list, entry(name, n, story.Priority(n%3)))
		}
	}
	return list
}

// trouble makes it for a while.
func (w *crowd) trouble(dice *rand.Rand) {
	restarts := 0
	for end := time.Now().Add(tokenTrouble); time.Now().Before(end); time.Sleep(time.Duration(100+dice.IntN(400)) * time.Millisecond) {
		p := w.processes[dice.IntN(len(w.processes))]
		switch what := dice.IntN(12); {
		case what < 2:
			w.note("killed")
			p.kill()
			w.start(dice.Uint64())
		case what < 3:
			w.note("stopped")
			p.stop()
			w.start(dice.Uint64())
		case what < 6:
			w.note("disconnected")
			p.wire.cut()
		case what < 9:
			w.note("stalled")
			p.stall(time.Duration(500+dice.IntN(4000)) * time.Millisecond)
		case what < 11:
			w.note("queued again")
			w.enqueue(w.entries()[dice.IntN(len(w.entries()))])
		case restarts < 2:
			restarts++
			w.note("server restarted")
			w.server.Shutdown()
			time.Sleep(time.Duration(dice.IntN(1500)) * time.Millisecond)
			w.serve()
		}
	}
}

func (w *crowd) serve() {
	s, err := embedded.Start(w.t.Context(), embedded.Options{Dir: w.dir, Sync: "10s", Logger: testLog(w.t)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.server, w.served = s, time.Now()
	w.mu.Unlock()
	w.t.Cleanup(s.Shutdown)
}

// settle waits until nothing is queued and no host has a token.
func (w *crowd) settle() {
	w.t.Helper()
	for end := time.Now().Add(45 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		queued, tokens := w.count(bus.StreamQueue), w.count(bus.StreamHosts)
		if queued == 0 && tokens == 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%d entries and %d tokens are left", queued, tokens)
		}
	}
}

func (w *crowd) count(stream string) uint64 {
	s, err := bus.Raw(w.first).Stream(w.t.Context(), stream)
	if err != nil {
		return 1 // the server is on its way
	}
	return s.CachedInfo().State.Msgs
}

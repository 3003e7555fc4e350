package bus_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// crowd is several processes that share the hosts of a web, and what the web sees of them.
type crowd struct {
	t         *testing.T
	dir       string
	server    *embedded.Server
	first     *bus.Bus // of the test itself: nothing happens to it but the server's restarts
	processes []*process

	mu       sync.Mutex
	asked    map[string]*asked // by host
	fetched  map[string]int    // answers that a turn has brought home, by URL
	breaches []string
	happened map[string]int
	served   time.Time // when the server came up last
	requests int
	broken   int
	fenced   int
}

// asked is what a host knows: who is asking, and when the last request began.
type asked struct {
	by   *process
	last time.Time
}

func (w *crowd) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.happened == nil {
		w.happened = map[string]int{}
	}
	w.happened[what]++
}

func (w *crowd) connect(wire *wire) *bus.Bus {
	w.t.Helper()
	dial := embedded.DialOption(w.dir)
	if wire != nil {
		dial = nats.SetCustomDialer(wire)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		b, err := bus.Connect(w.t.Context(), bus.Options{Budget: testBudget, Timings: tokenTimings(), Logger: testLog(w.t), NATS: []nats.Option{dial}})
		if err == nil {
			w.t.Cleanup(func() { b.Close() })
			return b
		}
		if time.Now().After(end) {
			w.t.Fatal(err)
		}
	}
}

func (w *crowd) enqueue(entries ...story.Entry) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if w.first.Frontier(bus.FrontierOptions{}).Enqueue(ctx, entries...) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Error("nothing can be queued")
}

// slowHost wants a pause that is longer than a lease.
const (
	slowHost  = "h0.example"
	slowDelay = 4 * time.Second
)

// delayOf is the pause that a host wants, by its token.
func delayOf(host string) time.Duration {
	if host == weburl.HostToken("http://"+slowHost+"/") {
		return slowDelay
	}
	return hostDelay
}

// process is one that fetches, with a connection of its own that can stand still or break.
type process struct {
	crowd *crowd
	bus   *bus.Bus
	wire  *wire
	life  context.Context // ends when it is killed: what it was doing ends there
	die   context.CancelFunc
	stop  func()

	mu   sync.Mutex
	dice *rand.Rand
}

func (w *crowd) start(seed uint64) {
	p := &process{crowd: w, wire: &wire{path: filepath.Join(w.dir, embedded.SocketName)}, dice: rand.New(rand.NewPCG(seed, 1))}
	p.bus = w.connect(p.wire)
	p.life, p.die = context.WithCancel(context.Background())
	working, stop := context.WithCancel(p.life)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.bus.Frontier(bus.FrontierOptions{Delay: hostDelay}).Work(working, 4, p.turn) // its connection is cut when it is killed
	}()
	p.stop = func() { stop(); <-ended }
	w.processes = append(w.processes[max(0, len(w.processes)-3):], p)
	w.t.Cleanup(func() { p.die(); p.wire.cut(); p.stop() })
}

func (p *process) kill() {
	p.die()
	bus.Drop(p.bus)
}

// stall lets the process stand still: nothing goes in or out, and no turn of it makes a step.
func (p *process) stall(d time.Duration) { p.wire.stall(d) }

func (p *process) roll(n int) int { p.mu.Lock(); defer p.mu.Unlock(); return p.dice.IntN(n) }

// turn is what a fetcher does: it makes one request if it still may. It is slow at times, stands still at others, and
// fails now and then.
func (p *process) turn(ctx context.Context, t story.Turn) (story.TurnResult, error) {
	what := p.roll(100)
	if what < 8 { // it stands still before the request, for longer than the lease
		time.Sleep(2*time.Second + time.Duration(p.roll(2000))*time.Millisecond)
	}
	p.wire.wait()
	takes := time.Duration(5+p.roll(40)) * time.Millisecond
	if what >= 92 { // the host is slow, or does not answer before the lease ends
		takes = time.Duration(500+p.roll(2000)) * time.Millisecond
	}
	if err := p.request(ctx, t, takes); err != nil {
		return story.TurnResult{}, err
	}
	if what >= 8 && what < 14 { // it stands still after it
		time.Sleep(2*time.Second + time.Duration(p.roll(2000))*time.Millisecond)
	}
	p.wire.wait()
	if what >= 14 && what < 20 {
		return story.TurnResult{}, errors.New("what came could not be published")
	}
	if what >= 20 && what < 26 {
		return result(t, false), nil // robots.txt: the entry is still to come
	}
	p.crowd.mu.Lock()
	defer p.crowd.mu.Unlock()
	p.crowd.fetched[t.Entry.URL]++
	return result(t, true), nil
}

// result is that of a turn that has made its request.
func result(t story.Turn, done bool) story.TurnResult {
	if delay := delayOf(t.Host); delay > hostDelay {
		t.State.Delay = delay // robots.txt says so: known once it is written down
	}
	return story.TurnResult{State: t.State, Done: done, Pause: delayOf(t.Host)}
}

// request is one, as the web sees it. Like an HTTP client it does not begin under a context that has ended, and breaks
// off when it ends.
func (p *process) request(ctx context.Context, t story.Turn, takes time.Duration) error {
	w := p.crowd
	w.mu.Lock()
	if ctx.Err() != nil || p.life.Err() != nil {
		w.fenced++
		w.mu.Unlock()
		return errors.Join(ctx.Err(), p.life.Err())
	}
	now := time.Now()
	breach := func(format string, args ...any) {
		w.breaches = append(w.breaches, t.Entry.URL+": "+fmt.Sprintf(format, args...))
	}
	h := w.asked[t.Host]
	if h == nil {
		h = &asked{}
		w.asked[t.Host] = h
	}
	if now.After(t.Deadline) {
		breach("asked for %s after the lease had ended", now.Sub(t.Deadline))
	}
	if h.by != nil {
		breach("asked for by %p while %p has been asking for %s, %s after the server came back", p, h.by, now.Sub(h.last), now.Sub(w.served))
	}
	if gap := now.Sub(h.last); gap < max(hostDelay, t.State.Delay) {
		breach("asked for %s after the request before", gap)
	}
	h.by, h.last = p, now
	w.requests++
	w.mu.Unlock()

	var err error
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		err = ctx.Err()
	case <-p.life.Done():
		err = p.life.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if h.by == p {
		h.by = nil
	}
	if err != nil {
		w.broken++
	}
	return err
}

// wire is a process's way to the server.
type wire struct {
	path  string
	mu    sync.Mutex
	conns []net.Conn
	until time.Time
}

// Dial implements nats.CustomDialer.
func (w *wire) Dial(string, string) (net.Conn, error) {
	w.wait()
	conn, err := net.Dial("unix", w.path)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, conn)
	return &slowConn{conn, w}, nil
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func (w *wire) stall(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = time.Now().Add(d)
}

// wait returns when nothing stands still any more.
func (w *wire) wait() {
	for {
		w.mu.Lock()
		d := time.Until(w.until)
		w.mu.Unlock()
		if d <= 0 {
			return
		}
		time.Sleep(d)
	}
}

// slowConn brings and takes nothing while its wire stands still.
type slowConn struct {
	net.Conn
	wire *wire
}

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.wire.wait()
	return n, err
}

func (c *slowConn) Write(p []byte) (int, error) {
	c.wire.wait()
	return c.Conn.Write(p)
}

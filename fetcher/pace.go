package fetcher

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// pace remembers when this process may next talk to each host. The lease on a host is what keeps requests apart;
// pace covers those that are made without it: the robots.txt of another host that a redirect leads to, and all that
// a Visitor asks for.
type pace struct {
	delay time.Duration
	mu    sync.Mutex
	next  map[string]time.Time // by host token; at the latest, where a request is under way
}

func newPace(delay time.Duration) *pace {
	return &pace{delay: delay, next: map[string]time.Time{}}
}

// reserve takes the host for a request, or says how long to wait before asking again.
func (p *pace) reserve(host string, longest time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait := p.next[host].Sub(now); wait > 0 {
		return min(wait, p.delay)
	}
	if len(p.next) > 10_000 {
		for h, t := range p.next {
			if now.After(t) {
				delete(p.next, h)
			}
		}
	}
	p.next[host] = now.Add(longest + p.delay)
	return 0
}

// done notes when the host had seen the request.
func (p *pace) done(host string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next[host] = at.Add(p.delay)
}

// hold leaves the host alone until an instant: it asked for more than the ordinary pause.
func (p *pace) hold(host string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.next[host]) {
		p.next[host] = until
	}
}

// wait reserves the host as soon as it is free.
func (p *pace) wait(ctx context.Context, host string, longest time.Duration) error {
	for {
		wait := p.reserve(host, longest)
		if wait == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// backoff is base doubled with every failure after the first, at most limit, less up to a fifth at random, so
// that what failed together does not come back together.
func backoff(base time.Duration, failures int, limit time.Duration) time.Duration {
	d := base
	for i := 1; i < failures && d < limit; i++ {
		d *= 2
	}
	d = min(d, limit)
	return d - time.Duration(rand.Int64N(int64(d)/5+1))
}

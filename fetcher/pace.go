package fetcher

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// pace remembers when this process last talked to each host. The lease on a host is what keeps requests apart;
// pace covers the one request that is made without it, the robots.txt of another host that a redirect leads to.
type pace struct {
	delay time.Duration
	mu    sync.Mutex
	last  map[string]time.Time // by host token; an instant in the future is a request under way
}

func newPace(delay time.Duration) *pace {
	return &pace{delay: delay, last: map[string]time.Time{}}
}

// reserve takes the host for a request, or says how long to wait before asking again.
func (p *pace) reserve(host string, longest time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait := p.last[host].Add(p.delay).Sub(now); wait > 0 {
		return min(wait, p.delay)
	}
	if len(p.last) > 10_000 {
		for h, t := range p.last {
			if now.Sub(t) > time.Minute {
				delete(p.last, h)
			}
		}
	}
	p.last[host] = now.Add(longest)
	return 0
}

// done notes when the host had seen the request.
func (p *pace) done(host string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[host] = at
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

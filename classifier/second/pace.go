package second

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// patience is after how many failures in a row nobody is asked for a while: every question that times out holds a
	// worker.
	patience = 3
	// Pauses double from the first to the last while the endpoint does not recover.
	firstPause, lastPause = time.Minute, 16 * time.Minute
)

// pace says when the endpoint may be asked: not more than per_hour in any hour, and not while it is unwell.
type pace struct {
	perHour int

	mu     sync.Mutex
	asked  []time.Time // within the last hour, oldest first
	failed int         // in a row
	pause  time.Duration
	until  time.Time
}

// enter counts a question in, or says why it may not be put.
func (p *pace) enter(now time.Time) *failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.until) {
		return &failure{kind: paused, err: fmt.Errorf("the endpoint is not asked until %s, for it failed", p.until.UTC().Format(time.TimeOnly))}
	}
	if p.perHour == 0 {
		return nil
	}
	for len(p.asked) > 0 && now.Sub(p.asked[0]) >= time.Hour {
		p.asked = p.asked[1:]
	}
	if len(p.asked) >= p.perHour {
		return &failure{kind: overLimit, err: fmt.Errorf("%d questions were asked within the hour (classifier.second.per_hour)", p.perHour)}
	}
	p.asked = append(p.asked, now)
	return nil
}

// leave counts how a question ended and returns the pause that begins with it, 0 for none.
func (p *pace) leave(now time.Time, err error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var f *failure
	if !errors.As(err, &f) || !f.sick {
		p.failed, p.pause = 0, 0
		return 0
	}
	p.failed++
	if p.failed < patience && f.wait == 0 || now.Before(p.until) && f.wait == 0 {
		return 0
	}
	if p.failed >= patience {
		p.pause = min(max(2*p.pause, firstPause), lastPause)
	}
	wait := max(p.pause, f.wait)
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
	return wait
}

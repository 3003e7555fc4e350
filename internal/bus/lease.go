package bus

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// lease is the right to work on messages: it ends before the server gives them to somebody else, and is extended,
// together with the server's patience, only while the work waits for room in a full queue or for its store.
type lease struct {
	msgs   []jetstream.Msg
	length time.Duration
	every  time.Duration // the least time between two extensions
	ctx    context.Context
	cancel context.CancelCauseFunc
	unhook func() bool
	// stopping is done when the worker is to stop.
	stopping context.Context
	lend     func() // if set, frees the worker's place while the work waits for what only other workers can bring

	mu       sync.Mutex
	timer    *time.Timer
	deadline time.Time
	extended time.Time
	stopped  bool
}

type leaseKey struct{}

// newLease makes a context that outlives ctx by Grace and ends with the lease.
func (t Timings) newLease(ctx context.Context, in terms, msgs ...jetstream.Msg) (context.Context, *lease) {
	l := &lease{msgs: msgs, length: max(in.ackWait-t.Margin, t.Margin/2), every: t.InProgress, extended: in.since, stopping: ctx}
	inner, cancel := context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), leaseKey{}, l))
	l.ctx, l.cancel = inner, cancel
	l.deadline = l.extended.Add(l.length)
	l.timer = time.AfterFunc(time.Until(l.deadline), func() { cancel(context.DeadlineExceeded) })
	l.unhook = context.AfterFunc(ctx, func() { l.stop(t.Grace) })
	return inner, l
}

// stop leaves the work at most grace to finish.
func (l *lease) stop(grace time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	if end := time.Now().Add(grace); end.Before(l.deadline) {
		l.deadline = end
		l.timer.Reset(grace)
	}
}

// extend starts the lease anew, if it is time to.
func (l *lease) extend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.stopped || now.After(l.deadline) || now.Sub(l.extended) < l.every || !l.timer.Stop() {
		return
	}
	for _, m := range l.msgs {
		if err := m.InProgress(); err != nil {
			l.timer.Reset(time.Until(l.deadline))
			return // the lease runs out: nobody has promised us more
		}
	}
	l.extended, l.deadline = now, now.Add(l.length)
	l.timer.Reset(l.length)
}

// valid reports whether the messages are still ours.
func (l *lease) valid() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.deadline)
}

// end frees the lease's resources.
func (l *lease) end() {
	l.unhook()
	l.timer.Stop()
	l.cancel(context.Canceled)
}

// leaseOf is the lease of the handler that ctx belongs to, nil if there is none.
func leaseOf(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{}).(*lease)
	return l
}

// unhurried is for what a handler publishes: its lease alone limits how long that may take, and not a deadline that
// the handler has set itself, for a request say. Giving up what a request has brought means to make it again.
func unhurried(ctx context.Context) context.Context {
	if l := leaseOf(ctx); l != nil {
		return l.ctx
	}
	return ctx
}

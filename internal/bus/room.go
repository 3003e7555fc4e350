package bus

import (
	"context"
	"sync"
	"time"
)

// room is what is known of the room in the queue of requests. Who takes entries out of it also puts new ones in: if
// every worker held a poll that waits for room, none would be left to make any. So polls wait, and pages go first,
// while the queue is nearly full; and those that are in hand and find it full lend their workers to pages.
type room struct {
	mu      sync.Mutex
	looked  time.Time
	crowded bool
}

// nearlyFull is the part of the queue that may be in use before polls wait.
const nearlyFull = 0.95

// crowded reports whether the queue is nearly full. Where the server does not say, the last known state stands.
func (f *Frontier) crowded(ctx context.Context) bool {
	r := &f.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.looked) < f.b.timings.Gate {
		return r.crowded
	}
	r.looked = time.Now()
	queue, err := f.b.js.Stream(ctx, StreamQueue)
	if err != nil {
		return r.crowded
	}
	info := queue.CachedInfo()
	full := info.Config.MaxBytes > 0 && float64(info.State.Bytes) > nearlyFull*float64(info.Config.MaxBytes)
	if full != r.crowded {
		r.crowded = full
		f.b.log.Info("the queue of requests", "nearly_full", full, "messages", info.State.Msgs, "bytes", info.State.Bytes)
	}
	return r.crowded
}

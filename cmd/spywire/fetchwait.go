package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

const (
	// lookEvery is how often the store is asked for what has passed all other stages.
	lookEvery = 300 * time.Millisecond
	// lookAllEvery is how often it is asked for everything, should a message have been missed.
	lookAllEvery = 5 * time.Second
)

// waiter follows pages to their outcome: on the ledger's subjects as stages publish them, and in the store, where there
// is one, for what ends there. It begins to listen when it is made, before anything is queued.
type waiter struct {
	store  app.Store
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu      sync.Mutex
	pending map[story.ID][]*asked // under its id, and the id it was merged into
	near    map[story.ID]bool     // its story was published, or its page merged: the store will know
	settled []*asked              // not yet taken
	left    int
	failed  error
	news    chan struct{} // something settled or failed
}

func newWaiter(ctx context.Context, b *bus.Bus, store app.Store) *waiter {
	ctx, cancel := context.WithCancel(ctx)
	w := &waiter{store: store, cancel: cancel, pending: map[story.ID][]*asked{}, near: map[story.ID]bool{}, news: make(chan struct{}, 1)}
	follow := func(subject string, f func(bus.Message) error) {
		w.ended.Go(func() {
			if err := b.Tail(ctx, subject, bus.From{}, f); err != nil && ctx.Err() == nil {
				w.fail(err)
			}
		})
	}
	follow("spywire.ledger.v1.>", func(m bus.Message) error {
		if e, err := bus.DecodeLedger(m); err == nil { // what cannot be read is a dead letter of the sink's
			w.ledger(e)
		}
		return nil
	})
	follow("spywire.story.v1.>", func(m bus.Message) error {
		if s, err := bus.DecodeStory(m); err == nil {
			w.story(s)
		}
		return nil
	})
	if store != nil {
		w.ended.Go(func() { w.look(ctx) })
	}
	return w
}

func (w *waiter) stop() {
	w.cancel()
	w.ended.Wait()
}

// expect is called before pages are queued.
func (w *waiter) expect(pages ...*asked) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range pages {
		w.pending[a.ID] = append(w.pending[a.ID], a)
		w.left++
	}
}

// take are the pages that settled since the last call, and how many are left; it waits for one, or for ctx.
func (w *waiter) take(ctx context.Context) (settled []*asked, left int, err error) {
	for {
		w.mu.Lock()
		settled, left, err = w.settled, w.left, w.failed
		w.settled = nil
		w.mu.Unlock()
		if len(settled) > 0 || left == 0 || err != nil {
			return settled, left, err
		}
		select {
		case <-ctx.Done():
			return nil, left, context.Cause(ctx)
		case <-w.news:
		}
	}
}

func (w *waiter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = err
	w.tell()
}

// tell is called with the lock.
func (w *waiter) tell() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// isOf reports whether what happened to an id in a visit is what became of the page. A page that was not known may be
// listed by a feed meanwhile, and then is fetched once, in that visit; one that is fetched again is followed by its own.
func (a *asked) isOf(id story.ID, visit int64) bool {
	return id != a.ID || !a.again || visit == a.visit
}

// ledger takes an entry: the end of a page, or that it is known under another id.
func (w *waiter) ledger(e story.LedgerEntry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.pending[e.ID] {
		switch {
		case a.Outcome != "", !a.isOf(e.ID, e.Visit), !e.Outcome.Settled():
		case e.Outcome == story.Merged && e.ID == a.ID && e.Into != a.ID:
			a.Into, a.Reason = e.Into, e.Reason
			w.pending[e.Into] = append(w.pending[e.Into], a)
			w.near[e.Into] = true
		default:
			w.settle(a, e)
		}
	}
}

// story takes a story: it is on its way to the store, where there is one that can be asked.
func (w *waiter) story(s story.Story) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.pending[s.ID] {
		outcome := map[story.Rank]story.Outcome{story.RankPrimary: story.Stored, story.RankReview: story.Review, story.RankOther: story.NotRelevant}[s.Rank]
		switch {
		case a.Outcome != "", outcome == "", !a.isOf(s.ID, s.Visit):
		case w.store != nil:
			w.near[s.ID] = true
		default:
			w.settle(a, story.LedgerEntry{ID: s.ID, Outcome: outcome, Reason: "published; the sink keeps it", At: story.Instant(time.Now())})
		}
	}
}

// settle is called with the lock.
func (w *waiter) settle(a *asked, e story.LedgerEntry) {
	a.Outcome, a.At = e.Outcome, e.At
	if a.Into == "" || e.Reason != "" {
		a.Reason = e.Reason
	}
	w.left--
	w.settled = append(w.settled, a)
	w.tell()
}

// look asks the store until ctx ends.
func (w *waiter) look(ctx context.Context) {
	for all := time.Now().Add(lookAllEvery); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
		everything := time.Now().After(all)
		if everything {
			all = time.Now().Add(lookAllEvery)
		}
		for _, id := range w.candidates(everything) {
			current, events, err := w.store.Life(ctx, id)
			switch {
			case err == nil:
				w.found(id, current, events)
			case ctx.Err() != nil:
				return
			case !errors.Is(err, sink.ErrNotFound):
				w.fail(err)
				return
			}
		}
	}
}

func (w *waiter) candidates(everything bool) (ids []story.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, pages := range w.pending {
		open := false
		for _, a := range pages {
			open = open || a.Outcome == ""
		}
		switch {
		case !open:
			delete(w.pending, id)
		case everything || w.near[id]:
			ids = append(ids, id)
		}
	}
	return ids
}

// found takes what the store says of an id: of a page itself what happened in this visit, of one that it was merged
// into what stands.
func (w *waiter) found(id story.ID, current story.LedgerEntry, events []story.LedgerEntry) {
	for _, e := range events {
		w.ledger(e)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.pending[id] {
		if a.Outcome == "" && a.Into == id && current.Outcome.Settled() {
			w.settle(a, current)
		}
	}
}

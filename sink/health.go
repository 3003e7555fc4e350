package sink

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// Health remembers how the last write of a store went, for its Ping. The zero value is well.
type Health struct {
	mu    sync.Mutex
	err   error     // of the last write; nil if it succeeded
	since time.Time // when the first write failed after one that did not
}

// Planner says what to write, by what a store has.
type Planner = func(map[story.ID]State) (Changes, error)

// Watch runs the transaction of a Store.Update and takes down how it went. What a record or its planning failed for, or the
// caller's end, is no matter of health.
func (h *Health) Watch(ctx context.Context, change Planner, transact func(Planner) error) error {
	var refused error
	err := transact(func(states map[story.ID]State) (c Changes, err error) {
		c, refused = change(states)
		return c, refused
	})
	if refused == nil && ctx.Err() == nil && !errors.Is(err, ErrRecord) {
		h.note(err)
	}
	return err
}

func (h *Health) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil && h.err == nil {
		h.since = time.Now()
	}
	h.err = err
}

// Check is why the last write failed, with the instant since when none has succeeded.
func (h *Health) Check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		return nil
	}
	return fmt.Errorf("no write has succeeded since %s: %w", h.since.UTC().Format(time.RFC3339), h.err)
}

package sink

import (
	"fmt"
	"sync"
	"time"
)

// Health remembers how the last write of a store went, for its Ping. The zero value is well.
type Health struct {
	mu    sync.Mutex
	err   error     // of the last write; nil if it succeeded
	since time.Time // when the first write failed after one that did not
}

// Note takes down how a write went. What a record or its planning failed for is no matter of health.
func (h *Health) Note(err error) {
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

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// health remembers how the last write went.
type health struct {
	mu    sync.Mutex
	err   error     // of the last write; nil if it succeeded
	since time.Time // when the first write failed after one that did not
}

func (h *health) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil && h.err == nil {
		h.since = time.Now()
	}
	h.err = err
}

func (h *health) check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		return nil
	}
	return fmt.Errorf("no write has succeeded since %s: %w", h.since.UTC().Format(time.RFC3339), h.err)
}

// Ping implements sink.Store. It also finds a file that was moved or deleted: what is written to it then is lost when
// the process ends, and no write would fail.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.health.check(); err != nil {
		return err
	}
	now, err := os.Stat(s.path)
	if err == nil && !os.SameFile(now, s.file) {
		err = errors.New("another file is in its place")
	}
	if err != nil {
		return fmt.Errorf("store %s is no longer the file that was opened, stop and put it back: %w", s.path, err)
	}
	var version int
	return explain("read store "+s.path, s.read.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version))
}

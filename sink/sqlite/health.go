package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Ping implements sink.Store. It also finds a file that was moved or deleted: what is written to it then is lost when
// the process ends, and no write would fail.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.health.Check(); err != nil {
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

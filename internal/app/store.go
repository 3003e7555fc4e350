package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sqlite"
)

// Store is a sink.Store that its opener closes.
type Store interface {
	sink.Store
	Close() error
}

// OpenStore opens the store that the configuration names, and creates it where it is missing.
func OpenStore(ctx context.Context, cfg config.Config) (Store, error) {
	path, err := sqlitePath(cfg)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the store's directory: %w", err)
	}
	return sqlite.Open(ctx, path, sqlite.Options{})
}

// OpenStoreReadOnly opens the store for a command that only reads, beside a running instance or without one.
func OpenStoreReadOnly(ctx context.Context, cfg config.Config) (Store, error) {
	path, err := sqlitePath(cfg)
	if err != nil {
		return nil, err
	}
	store, err := sqlite.OpenReadOnly(ctx, path, sqlite.Options{})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no store at %s yet: start `spywire run` first, or name another with --set data_dir=DIR or --set store=FILE", path)
	}
	return store, err
}

// sqlitePath is the file that the DSN names: a plain path, or sqlite:PATH.
func sqlitePath(cfg config.Config) (string, error) {
	dsn := cfg.StoreDSN()
	if scheme, _, isURL := strings.Cut(dsn, "://"); isURL && scheme != "file" && scheme != "sqlite" {
		return "", fmt.Errorf("store: %s:// is not a store this spywire has; want the path of a SQLite file", scheme)
	}
	for _, prefix := range []string{"sqlite://", "file://", "sqlite:", "file:"} {
		if path, ok := strings.CutPrefix(dsn, prefix); ok {
			return path, nil
		}
	}
	return dsn, nil
}

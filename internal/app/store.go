package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sqlite"
)

// Store is a store with its search index, which its opener closes.
type Store interface {
	sink.Store
	search.Builder
	search.Searcher
	search.Verifier
	Close() error
}

// ErrStoreInUse is wrapped by the error of OpenStore for a file that another sink has.
var ErrStoreInUse = errors.New("the store is in use")

// ErrNoStore is wrapped by the error of OpenStoreReadOnly where no sink has made one.
var ErrNoStore = errors.New("there is no store")

// owned is a store whose file is locked for as long as it is open. Two sinks on one file would not damage it, but each
// would plan versions and outcomes on what the other is about to change, and wait for the other's transactions.
type owned struct {
	Store
	lock *flock.Flock
}

func (o owned) Close() error {
	// The lock file stays: removing it would let a third process lock a new file of the same name.
	return errors.Join(o.Store.Close(), os.Truncate(o.lock.Path(), 0), o.lock.Unlock())
}

// lockStore takes the lock beside the file; the kernel gives it back when the process ends, however it does.
func lockStore(path string) (*flock.Flock, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking store %s: %w", path, err)
	}
	if !got {
		holder := ""
		if pid, err := os.ReadFile(lock.Path()); err == nil && len(pid) > 0 {
			holder = " of pid " + strings.TrimSpace(string(pid))
		}
		return nil, fmt.Errorf("%w: %s belongs to the sink%s, and a SQLite file has one: stop that one first, or name another file with --set store=FILE", ErrStoreInUse, path, holder)
	}
	if err := os.WriteFile(lock.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("locking store %s: %w", path, err), lock.Unlock())
	}
	return lock, nil
}

// OpenStore opens the store that the configuration names for a sink that writes it. A SQLite file is created where it is
// missing, and has one sink; a PostgreSQL database has to be there, and takes any number.
func OpenStore(ctx context.Context, cfg config.Config) (Store, error) {
	if isPostgres(cfg.StoreDSN()) {
		return only(postgres.Open(ctx, cfg.StoreDSN()))
	}
	path, err := sqlitePath(cfg)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the store's directory: %w", err)
	}
	lock, err := lockStore(path)
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return owned{store, lock}, nil
}

// OpenStoreReadOnly opens the store for a command that only reads, beside a running instance or without one.
func OpenStoreReadOnly(ctx context.Context, cfg config.Config) (Store, error) {
	if isPostgres(cfg.StoreDSN()) {
		return only(postgres.OpenReadOnly(ctx, cfg.StoreDSN()))
	}
	path, err := sqlitePath(cfg)
	if err != nil {
		return nil, err
	}
	store, err := only(sqlite.OpenReadOnly(ctx, path, sqlite.Options{}))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s yet: start `spywire run` first, or name another with --set data_dir=DIR or --set store=FILE", ErrNoStore, path)
	}
	return store, err
}

// OpenStoreBeside opens a store that is there and up to date for a command that writes a little of it, beside the sink or
// without one: every write is one transaction that no other gets in between.
func OpenStoreBeside(ctx context.Context, cfg config.Config) (Store, error) {
	there, err := OpenStoreReadOnly(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := there.Close(); err != nil {
		return nil, err
	}
	if isPostgres(cfg.StoreDSN()) {
		return only(postgres.Open(ctx, cfg.StoreDSN()))
	}
	path, err := sqlitePath(cfg)
	if err != nil {
		return nil, err
	}
	return only(sqlite.Open(ctx, path, sqlite.Options{}))
}

// only is a store without an error: a nil pointer in an interface would not be nil.
func only[S Store](store S, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// sqlitePath is the file that the DSN names: a plain path, or sqlite:PATH.
func sqlitePath(cfg config.Config) (string, error) {
	dsn := cfg.StoreDSN()
	if scheme, _, isURL := strings.Cut(dsn, "://"); isURL && scheme != "file" && scheme != "sqlite" {
		return "", fmt.Errorf("store: %s:// is not a store this spywire has; want the path of a SQLite file, or postgres://USER@HOST/DATABASE", scheme)
	}
	for _, prefix := range []string{"sqlite://", "file://", "sqlite:", "file:"} {
		if path, ok := strings.CutPrefix(dsn, prefix); ok {
			return path, nil
		}
	}
	return dsn, nil
}

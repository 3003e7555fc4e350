package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sqlite"
)

// errPostgres is what Backup and Restore say of a store that has better tools.
var errPostgres = errors.New("is for SQLite stores; of PostgreSQL take pg_dump and pg_restore, see \"Backup and restore\" in the README")

// Backup copies the SQLite store of the configuration into a new file, beside a sink or without one. copied, which may be nil, is
// told now and then how many bytes the copy has, of about how many.
func Backup(ctx context.Context, cfg config.Config, to string, copied func(done, total int)) error {
	if isPostgres(cfg.StoreDSN()) {
		return fmt.Errorf("backup %w", errPostgres)
	}
	path, err := sqlitePath(cfg)
	if err != nil {
		return err
	}
	return sqlite.Backup(ctx, path, to, copied)
}

// Restored is what Restore did.
type Restored struct {
	Path    string // of the store
	Aside   string // where the store is that was there before; empty if there was none
	Buried  int    // tombstones that were set after the backup
	Unknown error  // why the former store's tombstones could not be read; nil if they could
}

// Restore puts a backup in the place of the SQLite store of the configuration, which no sink may have open. What was
// forgotten since the backup stays so. The former files are kept under another name. copied is as for Backup.
func Restore(ctx context.Context, cfg config.Config, from string, copied func(done, total int)) (r Restored, err error) {
	if isPostgres(cfg.StoreDSN()) {
		return r, fmt.Errorf("restore %w", errPostgres)
	}
	if r.Path, err = sqlitePath(cfg); err != nil {
		return r, err
	}
	if err := os.MkdirAll(filepath.Dir(r.Path), 0o755); err != nil {
		return r, err
	}
	lock, err := lockStore(r.Path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.Truncate(lock.Path(), 0), lock.Unlock()) }()
	if err := sqlite.Check(ctx, from); err != nil {
		return r, fmt.Errorf("nothing was changed: %w", err)
	}
	fresh := r.Path + ".restoring"
	for _, end := range []string{"", "-wal", "-shm"} { // of a restore that was stopped
		if err := os.Remove(fresh + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return r, err
		}
	}
	if err := copyFile(from, fresh, copied); err != nil {
		return r, err
	}
	_, err = os.Stat(r.Path)
	there := err == nil
	if err := bury(ctx, fresh, &r, there); err != nil {
		return r, fmt.Errorf("nothing was changed: %w", err)
	}
	if there {
		r.Aside = r.Path + ".before-" + time.Now().UTC().Format("20060102T150405")
		for _, end := range []string{"-wal", "-shm", ""} { // a log that stayed would be taken for that of the new file
			if err := os.Rename(r.Path+end, r.Aside+end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return r, err
			}
		}
	}
	return r, errors.Join(os.Rename(fresh, r.Path), sqlite.Flush(filepath.Dir(r.Path)))
}

// bury opens a restored store, which brings it up to date, and sets what tombstones the former one has.
func bury(ctx context.Context, fresh string, r *Restored, there bool) (err error) {
	store, err := sqlite.Open(ctx, fresh, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if !there {
		return nil
	}
	former, err := sqlite.OpenReadOnly(ctx, r.Path, sqlite.Options{})
	if err != nil {
		r.Unknown = err
		return nil
	}
	defer func() { _ = former.Close() }() // only read from
	var tombs []story.LedgerEntry
	for e, err := range former.Tombstones(ctx) {
		if err != nil {
			r.Unknown = err
			break
		}
		tombs = append(tombs, e)
	}
	r.Buried, err = sink.Bury(ctx, store, tombs)
	return err
}

func copyFile(from, to string, copied func(done, total int)) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.TeeReader(in, &counter{0, int(info.Size()), copied}))
	return errors.Join(err, out.Sync(), out.Close())
}

// counter tells how many bytes were written to it.
type counter struct {
	done, total int
	tell        func(done, total int) // may be nil
}

func (c *counter) Write(b []byte) (int, error) {
	if c.done += len(b); c.tell != nil {
		c.tell(c.done, c.total)
	}
	return len(b), nil
}

// Package sqlite keeps stories and the ledger in one SQLite file: the store of a single machine. Any SQLite
// client may read the file beside a running instance; only spywire writes it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	driver "modernc.org/sqlite"

	"github.com/spywire/spywire/sink"
)

// Options of Open and OpenReadOnly. The zero value works.
type Options struct {
	// BusyTimeout is how long to wait for a lock that another process holds before the error says so; 0 is 5 s.
	BusyTimeout time.Duration
}

// Store is a sink.Store in a SQLite file. Writes go through one connection, one transaction at a time; reads
// have a pool of their own and see the last commit.
type Store struct {
	path   string
	file   os.FileInfo // which file was at path when it was opened
	write  *sql.DB     // nil if opened read-only
	read   *sql.DB
	stmt   statements
	health sink.Health
	reset  atomic.Bool // the index is made anew by this process, see sharing
}

var _ sink.Store = (*Store)(nil)

// Open opens or creates the database at path, whose directory must exist, and brings its schema up to date. It
// makes sure that the file can be written. A commit is on the disk when it returns (WAL, synchronous=FULL).
func Open(ctx context.Context, path string, o Options) (_ *Store, err error) {
	if err := checkPath(path, filepath.Dir(path)); err != nil {
		return nil, err
	}
	s := &Store{path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.write, err = o.pool(path, "rwc", 1, "synchronous(FULL)", "secure_delete(FAST)", fmt.Sprintf("wal_autocheckpoint(%d)", walPages)); err != nil {
		return nil, explain("open store "+path, err)
	}
	if err := migrate(ctx, s.write); err != nil {
		return nil, explain("open store "+path, err)
	}
	if s.file, err = os.Stat(path); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if s.stmt, err = prepare(ctx, s.write); err != nil {
		return nil, explain("open store "+path, err)
	}
	if s.read, err = o.pool(path, "ro", readers()); err != nil {
		return nil, explain("open store "+path, err)
	}
	return s, nil
}

// OpenReadOnly opens the database at path for reading, as commands do beside a running instance. It creates and
// migrates nothing.
func OpenReadOnly(ctx context.Context, path string, o Options) (*Store, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if err := checkPath(path, filepath.Dir(path)); err != nil {
		return nil, err
	}
	read, err := o.pool(path, "ro", readers())
	if err != nil {
		return nil, explain("open store "+path, err)
	}
	version, err := schemaVersion(ctx, read)
	if err == nil && version == 0 {
		err = errors.New("holds no stories yet: start `spywire run` first")
	} else if err == nil && version < len(migrations) {
		err = fmt.Errorf("has schema %d, this spywire reads %d: start `spywire run` once to bring it up to date", version, len(migrations))
	}
	if err != nil {
		return nil, errors.Join(explain("open store "+path, err), read.Close())
	}
	return &Store{path: path, file: file, read: read}, nil
}

// checkPath says what SQLite says less clearly.
func checkPath(path, dir string) error {
	if info, err := os.Stat(dir); err != nil {
		return fmt.Errorf("open store %s: its directory: %w", path, err)
	} else if !info.IsDir() {
		return fmt.Errorf("open store %s: %s is not a directory", path, dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("open store %s: is a directory, want a file", path)
	}
	return nil
}

// Close ends all connections. Closing the last one checkpoints the write-ahead log into the file.
func (s *Store) Close() error {
	var first error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db == nil {
			continue
		}
		if err := db.Close(); err != nil && first == nil {
			first = explain("close store "+s.path, err)
		}
	}
	return first
}

// pool is at most n connections to the file.
func (o Options) pool(path, mode string, n int, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	busy := o.BusyTimeout
	if busy == 0 {
		busy = 5 * time.Second
	}
	query := url.Values{
		"mode": {mode}, "_txlock": {"immediate"}, "_dqs": {"0"}, "_error_rc": {"1"},
		"_busy_timeout": {strconv.FormatInt(busy.Milliseconds(), 10)},
		"_pragma":       append([]string{"foreign_keys(ON)", "cache_size(-16000)", "temp_store(MEMORY)"}, pragmas...),
	}
	if mode == "ro" {
		query.Set("_txlock", "deferred")
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: abs, RawQuery: query.Encode()}
	connector, err := driver.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

func readers() int { return max(4, runtime.GOMAXPROCS(0)) }

// walPages is the length of the write-ahead log, in pages of 4 KiB, at which a commit copies it into the file.
// At SQLite's default of 1,000 every batch of 200 stories would be written twice at once, indexes and all.
const walPages = 4000

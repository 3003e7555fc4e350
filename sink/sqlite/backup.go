package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Backup writes a copy of the database at path into a new file, as of one commit, while a sink writes on. The copy has
// neither free pages nor a log, so nothing that was erased, and is there whole or not at all. copied, which may be nil, is told
// now and then how many bytes the copy has, of about how many.
func Backup(ctx context.Context, path, to string, copied func(done, total int)) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already: name a file that is not, a backup overwrites nothing", to)
	}
	s, err := OpenReadOnly(ctx, path, Options{}) // is it ours, and up to date?
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	db, err := Options{}.pool(path, "rw", 1)
	if err != nil {
		return explain("back up store "+path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var shrinks int
	if err := db.QueryRowContext(ctx, `PRAGMA auto_vacuum`).Scan(&shrinks); err != nil {
		return explain("back up store "+path, err)
	}
	if shrinks == 0 { // an older file: its copy will
		if _, err := db.ExecContext(ctx, `PRAGMA auto_vacuum=INCREMENTAL`); err != nil {
			return explain("back up store "+path, err)
		}
	}
	part := to + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) { // of a backup that was stopped
		return err
	}
	var total int
	err = db.QueryRowContext(ctx, `SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&total)
	if err != nil {
		return explain("back up store "+path, err)
	}
	stop := watch(part, func(size int) {
		if copied != nil {
			copied(min(size, total), total)
		}
	})
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, part)
	stop()
	if err != nil {
		_ = os.Remove(part) // the error that counts is the first
		return explain("back up store "+path+" into "+to, err)
	}
	if err := errors.Join(Check(ctx, part), Flush(part)); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return Flush(filepath.Dir(to))
}

// watch tells how large a file is, while it grows and at last, until it is stopped.
func watch(path string, grown func(size int)) (stop func()) {
	tell := func() {
		if info, err := os.Stat(path); err == nil { // else it has not begun
			grown(int(info.Size()))
		}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				tell()
				return
			case <-tick.C:
				tell()
			}
		}
	}()
	return func() { close(ended); <-done }
}

// Check reads a database file from end to end, and says what is wrong with it.
func Check(ctx context.Context, path string) (err error) {
	s, err := OpenReadOnly(ctx, path, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var says string
	err = s.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&says)
	if err == nil && says != "ok" {
		err = fmt.Errorf("the file is damaged: %s", says)
	}
	return explain("check "+path, err)
}

// Flush has a file, or the names in a directory, reach the disk.
func Flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

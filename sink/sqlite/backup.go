package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database at path into a new file, as of one commit, while a sink writes on. The copy has
// neither free pages nor a log, so nothing that was erased, and is there whole or not at all.
func Backup(ctx context.Context, path, to string) (err error) {
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
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, part); err != nil {
		_ = os.Remove(part) // the error that counts is the first
		return explain("back up store "+path+" into "+to, err)
	}
	if err := errors.Join(Check(ctx, part), flush(part)); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return flush(filepath.Dir(to))
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

// flush has a file, or the names in a directory, reach the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/spywire/spywire/sink"
)

// hints say what a person can do about a failure of the database, by primary result code.
var hints = []struct {
	code int
	says string
}{
	{lib.SQLITE_FULL, "the disk is full: make room, nothing is lost"},
	{lib.SQLITE_BUSY, "locked by another process"},
	{lib.SQLITE_LOCKED, "locked by another process"},
	{lib.SQLITE_READONLY, "not writable: check the owner and mode of the file and its directory"},
	{lib.SQLITE_PERM, "not accessible: check the owner and mode of the file and its directory"},
	{lib.SQLITE_CANTOPEN, "cannot be opened: check that it is a file and that its directory is writable"},
	{lib.SQLITE_NOTADB, "not a SQLite database"},
	{lib.SQLITE_CORRUPT, "the file is damaged: restore a backup, or recover it with the sqlite3 shell (.recover)"},
	{lib.SQLITE_IOERR, "the disk fails or is full, or the files may not be written any longer (owner, mode, attributes, mount), nothing is lost"},
}

// explain says what was being done, and in plain words why it failed. A record that the database refuses for
// what it is becomes sink.ErrRecord.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	var coded *driver.Error
	if !errors.As(err, &coded) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	primary := coded.Code() & 0xff
	switch primary {
	case lib.SQLITE_TOOBIG, lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH:
		return fmt.Errorf("%s: %w: %w", doing, sink.ErrRecord, err)
	}
	for _, h := range hints {
		if h.code == primary {
			return fmt.Errorf("%s: %s: %w", doing, h.says, err)
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

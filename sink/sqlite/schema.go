package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"

	"github.com/spywire/spywire/sink/search"
)

//go:embed schema.sql
var schema string

//go:embed search.sql
var searchSchema string

//go:embed retain.sql
var retainSchema string

// migrations bring a database from version i to i+1, in PRAGMA user_version. Released ones are never edited.
var migrations = []string{schema, searchSchema, retainSchema}

// applicationID marks the file as ours ("spyw" in ASCII), so that a wrong path cannot put tables into the
// database of another program.
const applicationID = 0x73707977

// schemaVersion is the version of the database's schema, 0 for an empty file. It refuses what this program
// must not touch.
func schemaVersion(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (int, error) {
	var version, application, tables int
	const query = `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)`
	if err := db.QueryRowContext(ctx, query).Scan(&version, &application, &tables); err != nil {
		return 0, err
	}
	if application != applicationID && (application != 0 || version != 0 || tables != 0) {
		return 0, errors.New("is the SQLite database of another program")
	}
	if version > len(migrations) {
		return 0, fmt.Errorf("was written by a newer spywire (schema %d, this one knows up to %d): upgrade spywire, or use another store",
			version, len(migrations))
	}
	return version, nil
}

// migrate applies what is missing in one transaction, after it has made sure that the file is ours to write. Where
// nothing is missing the transaction writes the version that is there: a file that cannot be written would otherwise
// show with the first batch.
func migrate(ctx context.Context, db *sql.DB) error {
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if version == 0 { // only an empty file can be made so that it shrinks
		if _, err := db.ExecContext(ctx, "PRAGMA auto_vacuum=INCREMENTAL"); err != nil {
			return err
		}
	}
	var mode string // it is a property of the file: the journal that readers and a kill -9 both get along with
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system cannot hold a write-ahead log (journal mode is %s): choose a local disk", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if version, err = schemaVersion(ctx, tx); err != nil { // another process may have been faster
		return err
	}
	for ; version < len(migrations); version++ {
		if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
			return fmt.Errorf("bring the schema from %d to %d: %w", version, version+1, err)
		}
	}
	const none = `UPDATE search_state SET analyzer = ?1, complete = 1 WHERE (analyzer <> ?1 OR complete = 0) AND NOT EXISTS (SELECT 1 FROM stories)`
	if _, err := tx.ExecContext(ctx, none, search.Version); err != nil { // there is nothing to index
		return err
	}
	mark := fmt.Sprintf("PRAGMA user_version=%d; PRAGMA application_id=%d", len(migrations), applicationID)
	if _, err := tx.ExecContext(ctx, mark); err != nil {
		return err
	}
	return tx.Commit()
}

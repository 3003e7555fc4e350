package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/spywire/spywire/sink/search"
)

//go:embed schema.sql
var schema string

//go:embed search.sql
var searchSchema string

//go:embed retain.sql
var retainSchema string

//go:embed pairs.sql
var pairsSchema string

// migrations bring a database from version i to i+1, in the one row of spywire_schema. Released ones are never edited.
var migrations = []string{schema, searchSchema, retainSchema, pairsSchema}

// tables are those that every version of the schema made.
const tables = `'{stories,story_versions,story_labels,ledger,ledger_events,search_docs,search_state,search_open,search_members,search_segments,search_pairs}'::text[]`

// oldest is the first PostgreSQL with all that the tables use: generated columns.
const oldest = 12

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// schemaVersion is the version of the database's schema, 0 for one without our tables. It refuses what this program must
// not touch.
func schemaVersion(ctx context.Context, db querier) (version int, err error) {
	var server int
	var encoding string
	var place, foreign *string
	var ours bool
	const query = `SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_encoding'),
		current_schema()::text, to_regclass('spywire_schema') IS NOT NULL,
		(SELECT min(name) FROM unnest(` + tables + `) name WHERE to_regclass(name) IS NOT NULL)`
	if err := db.QueryRow(ctx, query).Scan(&server, &encoding, &place, &ours, &foreign); err != nil {
		return 0, err
	}
	switch {
	case server < oldest:
		return 0, fmt.Errorf("is PostgreSQL %d, want %d or newer", server, oldest)
	case encoding != "UTF8":
		return 0, fmt.Errorf("has encoding %s, which cannot hold every text: create one with createdb --encoding=UTF8 --template=template0", encoding)
	case place == nil:
		return 0, errors.New("search_path names no schema that exists: create one, or correct search_path")
	case !ours && foreign != nil:
		return 0, fmt.Errorf("has a table %s of another program: use a database of spywire's own", *foreign)
	case !ours:
		return 0, nil
	}
	if err := db.QueryRow(ctx, "SELECT version FROM spywire_schema").Scan(&version); err != nil {
		return 0, err
	}
	if version > len(migrations) {
		return 0, fmt.Errorf("was written by a newer spywire (schema %d, this one knows up to %d): upgrade spywire, or use another store", version, len(migrations))
	}
	return version, nil
}

// migrate applies what is missing in one transaction, while no other process does. Where nothing is missing it writes the
// version that is there: what cannot be written would otherwise show with the first batch.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, -1)", lockClass); err != nil {
			return err
		}
		version, err := schemaVersion(ctx, tx)
		if err != nil {
			return err
		}
		if version == 0 {
			if _, err := tx.Exec(ctx, "CREATE TABLE spywire_schema (version integer NOT NULL)"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO spywire_schema VALUES (0)"); err != nil {
				return err
			}
		}
		for ; version < len(migrations); version++ {
			// Several statements in one text: the simple protocol takes them.
			if _, err := tx.Conn().PgConn().Exec(ctx, migrations[version]).ReadAll(); err != nil {
				return fmt.Errorf("bring the schema from %d to %d: %w", version, version+1, err)
			}
		}
		if _, err := tx.Exec(ctx, "UPDATE spywire_schema SET version = $1", len(migrations)); err != nil {
			return err
		}
		if err := mayWrite(ctx, tx); err != nil {
			return err
		}
		// Of an empty database the search index is complete.
		_, err = tx.Exec(ctx, `UPDATE search_state SET analyzer = $1, paired = $2 WHERE (analyzer, paired) <> ($1, $2)
			AND NOT EXISTS (SELECT 1 FROM stories)`, search.Version, int64(allPaired))
		return err
	})
}

// mayWrite names the first right on a table that is missing.
func mayWrite(ctx context.Context, tx pgx.Tx) error {
	var missing *string
	const query = `SELECT min(r || ' on ' || t) FROM unnest(` + tables + `) t,
		unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) r WHERE NOT has_table_privilege(t, r)`
	if err := tx.QueryRow(ctx, query).Scan(&missing); err != nil {
		return err
	}
	if missing != nil {
		return fmt.Errorf("the user lacks the right to %s: let it own the tables, or GRANT it", *missing)
	}
	return nil
}

// readable makes sure that a database can be read by this program.
func readable(ctx context.Context, pool *pgxpool.Pool) error {
	version, err := schemaVersion(ctx, pool)
	switch {
	case err != nil:
		return err
	case version == 0:
		return errors.New("holds no stories yet: start `spywire run` first")
	case version < len(migrations):
		return fmt.Errorf("has schema %d, this spywire reads %d: start `spywire run` once to bring it up to date", version, len(migrations))
	}
	return nil
}

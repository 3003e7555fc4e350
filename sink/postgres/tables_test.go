package postgres_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/sink/sqlite"
)

// TestSameColumns compares the tables that other tools rely on with those of the SQLite store. The search
// index is each store's own.
func TestSameColumns(t *testing.T) {
	dsn := database(t)
	open(t, dsn)
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'spywire_schema' AND table_name NOT LIKE 'search\_%' ORDER BY (table_name || '.' || column_name) COLLATE "C"`)
	must(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)

	path := filepath.Join(t.TempDir(), "s.db")
	other, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	must(t, other.Close())
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	found, err := db.QueryContext(t.Context(), `SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'search\_%' ESCAPE '\' ORDER BY 1`)
	must(t, err)
	defer found.Close()
	var want []string
	for found.Next() {
		var name string
		must(t, found.Scan(&name))
		want = append(want, name)
	}
	must(t, found.Err())
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 40 {
		t.Error(fmt.Sprint(len(got), " columns (-SQLite +PostgreSQL):\n", diff))
	}
}

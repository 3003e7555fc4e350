package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/spywire/spywire/sink/sinktest"
)

// BenchmarkSearchInsert is sinktest.Inserts.
func BenchmarkSearchInsert(b *testing.B) {
	dir := b.TempDir()
	store, err := Open(b.Context(), filepath.Join(dir, "s.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	db, err := Options{}.pool(filepath.Join(dir, "plain.db"), "rwc", 1, "journal_mode(WAL)", "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", walPages))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(schema + `CREATE VIRTUAL TABLE found USING fts5 (title, text, content = 'stories')`); err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	sinktest.Inserts(b, store, plain{db, file})
}

// plain is the driver alone, and a file.
type plain struct {
	db   *sql.DB
	file *os.File
}

// Insert implements sinktest.Plain.
func (p plain) Insert(batch []sinktest.PlainStory) error {
	tx, err := p.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var stmts [6]*sql.Stmt
	for i, text := range []string{
		`INSERT INTO stories (id, version, rank, kind, url, source, lang, country, category, score, title, fetched_at, stored_at, record)
			VALUES (?,1,?,?,?,?,?,?,?,?,?,?,?,?)`,
		`INSERT INTO found (rowid, title, text) VALUES (?,?,?)`,
		`INSERT INTO story_versions VALUES (?,1,?,?,?,?,?,?,NULL)`,
		`INSERT INTO story_labels VALUES (?,?,?,?)`,
		`INSERT INTO ledger VALUES (?,?,?,'stored',?,?,?,'sink','','')`,
		`INSERT INTO ledger_events VALUES (?,?,'sink','stored',?,?,'','')`,
	} {
		if stmts[i], err = tx.Prepare(text); err != nil {
			return err
		}
	}
	for _, s := range batch {
		at := stamp(s.FetchedAt)
		result, err := stmts[0].Exec(s.ID, s.Rank, s.Kind, s.URL, s.Source.ID, s.Lang, s.Country, s.Labels[0].Category, s.Labels[0].Score, s.Title, at, at, s.Record)
		if err != nil {
			return err
		}
		n, err := result.LastInsertId()
		if err != nil {
			return err
		}
		rows := [][]any{1: {n, s.Title, s.Text}, 2: {s.ID, s.ContentHash, s.Visit, at, s.Visit, at, at}, 4: {s.ID, s.URL, s.Source.ID, s.Reason, at, s.Visit}, 5: {s.ID, at, s.Reason, s.Visit}}
		for i, row := range rows {
			if row == nil {
				continue
			}
			if _, err := stmts[i].Exec(row...); err != nil {
				return err
			}
		}
		for _, l := range s.Labels {
			if _, err := stmts[3].Exec(s.ID, l.Category, l.Subtype, l.Score); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// Append implements sinktest.Plain.
func (p plain) Append(batch []sinktest.PlainStory) error {
	for _, s := range batch {
		if _, err := p.file.WriteString(s.Record); err != nil {
			return err
		}
	}
	return p.file.Sync()
}

// BenchmarkSearch is sinktest.Queries. SPYWIRE_BENCH_STORE keeps the store for another run.
func BenchmarkSearch(b *testing.B) {
	path := os.Getenv("SPYWIRE_BENCH_STORE")
	if path == "" {
		path = filepath.Join(b.TempDir(), "s.db")
	}
	store, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	count, missing := sinktest.Wanted(b, store)
	sinktest.Fill(b, store, count, missing)
	sinktest.Queries(b, store, count)
}

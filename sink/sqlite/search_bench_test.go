package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// BenchmarkSearchInsert stores stories, ledger, versions and search index, and in turn has the plain driver put the same
// stories into a table with its own full-text index, to the same durability. ratio is how fast the store is to it.
func BenchmarkSearchInsert(b *testing.B) {
	const size = 200
	dir := b.TempDir()
	store, err := Open(b.Context(), filepath.Join(dir, "s.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	plain, err := Options{}.pool(filepath.Join(dir, "plain.db"), "rwc", 1, "journal_mode(WAL)", "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", walPages))
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Exec(`CREATE TABLE stories (n INTEGER PRIMARY KEY, id TEXT UNIQUE, url, title, text, record);
		CREATE VIRTUAL TABLE found USING fts5 (title, text, content = 'stories', content_rowid = 'n')`); err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	s, n := sink.New(store, sink.Options{}), 0
	var ours, theirs, bound time.Duration
	for b.Loop() {
		var batch []story.Story
		for range size {
			batch = append(batch, sinktest.Generated(n))
			n++
		}
		start := time.Now()
		if err := s.Stories(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		if err := insertPlainly(plain, batch); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		start = time.Now()
		for _, st := range batch {
			record, err := json.Marshal(st)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := file.Write(record); err != nil {
				b.Fatal(err)
			}
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		bound += time.Since(start)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(n), "µs/story")
	b.ReportMetric(float64(theirs.Microseconds())/float64(n), "plain-µs/story")
	b.ReportMetric(float64(bound.Microseconds())/float64(n), "raw-µs/story")
	b.ReportMetric(float64(theirs)/float64(ours), "ratio")
}

func insertPlainly(db *sql.DB, batch []story.Story) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(`INSERT INTO stories (id, url, title, text, record) VALUES (?,?,?,?,?)`)
	if err != nil {
		return err
	}
	index, err := tx.Prepare(`INSERT INTO found (rowid, title, text) VALUES (?,?,?)`)
	if err != nil {
		return err
	}
	for _, s := range batch {
		record, err := json.Marshal(s)
		if err != nil {
			return err
		}
		result, err := insert.Exec(s.ID, s.URL, s.Title, s.Text, string(record))
		if err != nil {
			return err
		}
		n, err := result.LastInsertId()
		if err != nil {
			return err
		}
		if _, err := index.Exec(n, s.Title, s.Text); err != nil {
			return err
		}
	}
	return tx.Commit()
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
	sinktest.Queries(b, store)
}

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
	"github.com/spywire/spywire/sink/sinktest"
)

// TestSearchMigration opens a store of the first schema, loses the process in the middle of indexing, and goes on.
func TestSearchMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	const n = 2*indexBatch + 50
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, n)); err != nil {
		t.Fatal(err)
	}
	store.Close()
	raw(t, path, `DROP INDEX stories_fetched; DROP INDEX story_versions_past; DROP TRIGGER search_forget; DROP TABLE search_index; DROP TABLE search_docs; DROP TABLE search_state;
		PRAGMA user_version = 1`).Close()
	if _, err := OpenReadOnly(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), "has schema 1") {
		t.Fatalf("an old store: %v", err)
	}

	half := mustOpen(t, path)
	stop, halt := context.WithCancel(t.Context())
	if err := half.BuildSearch(stop, func(int) { halt() }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := sink.New(half, sink.Options{}).Stories(t.Context(), batch(n-20, 21)); err != nil { // the sink goes on meanwhile
		t.Fatal(err)
	}
	half.Close()
	reader, err := OpenReadOnly(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrBuilding) {
		t.Fatalf("half an index: %v", err)
	}
	count := func() (docs int) {
		t.Helper()
		if err := reader.read.QueryRow(`SELECT count(*) FROM search_docs`).Scan(&docs); err != nil {
			t.Fatal(err)
		}
		return docs
	}
	if got := count(); got <= indexBatch || got >= n {
		t.Fatalf("%d stories in half an index", got)
	}

	for _, before := range []string{"", "UPDATE search_state SET analyzer = analyzer - 1", "UPDATE stories SET record = '{\"id\":7,\"text\":\"\"}' WHERE rowid = 7"} {
		raw(t, path, before).Close()
		build(t, path)
		if got := count(); got != n+1 {
			t.Fatalf("%q: %d of %d stories indexed", before, got, n)
		}
	}
	raw(t, path, "UPDATE search_state SET analyzer = 0").Close()
	build(t, path)
	if got := count(); got != n {
		t.Fatalf("%d of %d stories indexed beside a damaged one", got, n)
	}
}

// build opens a store and completes its index.
func build(t *testing.T, path string) {
	t.Helper()
	store := mustOpen(t, path)
	if err := errors.Join(store.BuildSearch(t.Context(), nil), store.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestSearchTampered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 6)); err != nil {
		t.Fatal(err)
	}
	for i, statement := range []string{
		`DELETE FROM search_docs WHERE id = (SELECT min(id) FROM stories)`,
		`UPDATE stories SET record = replace(record, 'The man', 'A woman') WHERE id = (SELECT max(id) FROM stories)`,
		`INSERT INTO search_docs VALUES (5, 'nobody', 0)`,
		`DELETE FROM search_index WHERE rowid = (SELECT max(doc) FROM search_docs)`,
	} {
		if _, err := store.write.Exec(statement); err != nil {
			t.Fatal(fmt.Sprint(i), err)
		}
	}
	sinktest.WantIndex(t, store, "search: is not in the index", "search: is not in the index", "search: the index has another version of it",
		"search: the index has it, stories does not", "search: the index has it, stories does not")
}

// TestSearchIndexDamaged has an index that is there for every story, and is not that of its words or hangs together no more.
func TestSearchIndexDamaged(t *testing.T) {
	for statement, fault := range map[string]string{
		`INSERT OR REPLACE INTO search_index (rowid, words, keys) SELECT doc, 'other words', 'all:' FROM search_docs WHERE id = (SELECT min(id) FROM stories)`: "search: the index does not find it by its words",
		`UPDATE search_index_data SET block = substr(block, 1, length(block) / 2) || zeroblob(length(block) - length(block) / 2)
			WHERE id = (SELECT max(id) FROM search_index_data)`: "search_index search: fts5: corruption found",
	} {
		store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
		if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 6)); err != nil {
			t.Fatal(err)
		}
		sinktest.WantIndex(t, store)
		if _, err := store.write.Exec(statement); err != nil {
			t.Fatal(err)
		}
		reader, err := OpenReadOnly(t.Context(), store.path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		faults, err := reader.VerifySearch(t.Context(), 10, nil)
		if err != nil || !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, fault) }) {
			t.Errorf("%q, %v, want %q", faults, err, fault)
		}
		reader.Close()
		if err := errors.Join(store.ResetSearch(t.Context()), store.BuildSearch(t.Context(), nil)); err != nil {
			t.Fatal(err)
		}
		sinktest.WantIndex(t, store)
	}
}

// TestResetMeanwhile has one process in the middle of an index, waiting for the file, while another resets it.
func TestResetMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	first, err := Open(t.Context(), path, Options{BusyTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	const n = 2*indexBatch + 50
	if err := sink.New(first, sink.Options{}).Stories(t.Context(), batch(0, n)); err != nil {
		t.Fatal(err)
	}
	if err := first.ResetSearch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := first.fillBatch(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	tx, err := mustOpen(t, path).write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `DELETE FROM search_docs; UPDATE search_state SET analyzer = 0`); err != nil {
		t.Fatal(err)
	}
	built := make(chan error, 1)
	go func() { built <- first.BuildSearch(t.Context(), nil) }()
	time.Sleep(100 * time.Millisecond) // for it to have seen the state before
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-built; err != nil {
		t.Fatal(err)
	}
	sinktest.WantIndex(t, first)
}

package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// raw is a connection past the store.
func raw(t *testing.T, path, statements string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return db
}

func mustOpen(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{BusyTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// batch is n stories, numbered from first.
func batch(first, n int) (all []story.Story) {
	for i := range n {
		all = append(all, sinktest.Story(first+i))
	}
	return all
}

// wantRetry fails unless err is worth trying again and says what it should.
func wantRetry(t *testing.T, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Fatalf("error is %v, want it to say %q", err, says)
	}
	if fault.Of(err).Action != fault.Retry || errors.Is(err, sink.ErrRecord) {
		t.Fatalf("%v would cost records", err)
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	s := sink.New(store, sink.Options{})
	other := raw(t, path, "BEGIN IMMEDIATE")
	wantRetry(t, s.Stories(t.Context(), batch(0, 3)), "locked by another process")
	if _, err := store.Outcomes(t.Context()); err != nil {
		t.Fatalf("reading beside a writer: %v", err)
	}
	wantRetry(t, store.Ping(t.Context()), "locked by another process")
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	wantRetry(t, store.Ping(t.Context()), "no write has succeeded since")
	if err := s.Stories(t.Context(), batch(0, 3)); err != nil {
		t.Fatalf("after the lock: %v", err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatalf("after a write that succeeded: %v", err)
	}
}

func TestFull(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	s := sink.New(store, sink.Options{})
	limit := func(pages int) {
		t.Helper()
		if _, err := store.write.Exec(fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(100)
	stored, err := 0, error(nil)
	for err == nil && stored < 10_000 {
		if err = s.Stories(t.Context(), batch(stored, 20)); err == nil {
			stored += 20
		}
	}
	wantRetry(t, err, "disk is full")
	wantRetry(t, store.Ping(t.Context()), "disk is full")
	count := func() int {
		t.Helper()
		counts, err := store.Outcomes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return counts[story.Stored]
	}
	if got := count(); got != stored || stored == 0 {
		t.Fatalf("%d stories after a batch that did not fit, want %d", got, stored)
	}
	limit(100_000)
	if err := s.Stories(t.Context(), batch(stored, 20)); err != nil || count() != stored+20 {
		t.Fatalf("after room was made: %d stories, %v", count(), err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestLostFile moves the file away under a store: every write succeeds, and is lost when the process ends.
func TestLostFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	wantRetry(t, store.Ping(t.Context()), "no longer the file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRetry(t, store.Ping(t.Context()), "another file is in its place")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestRefusedRecord has the database refuse one record of a batch for its size.
func TestRefusedRecord(t *testing.T) {
	store := mustOpen(t, filepath.Join(t.TempDir(), "s.db"))
	raw := raw(t, store.path, `CREATE TRIGGER refuse BEFORE INSERT ON stories WHEN NEW.title = 'Refused'
		BEGIN SELECT RAISE(ABORT, 'no such story'); END`)
	raw.Close()
	s := sink.New(store, sink.Options{})
	bad := sinktest.WithText(sinktest.Story(1), "Refused", "Some text.")
	err := s.Stories(t.Context(), append(batch(2, 3), bad))
	if err == nil || fault.Of(err).Action != fault.Retry {
		t.Fatalf("a batch with a refused record: %v", err)
	}
	if err := s.Stories(t.Context(), []story.Story{bad}); fault.Of(err).Action != fault.Settle {
		t.Fatalf("the refused record alone: %v", err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatalf("a refused record is not the store's fault: %v", err)
	}
	if err := s.Stories(t.Context(), batch(2, 3)); err != nil {
		t.Fatal(err)
	}
}

// TestDamage overwrites the middle of the file. What cannot be read is an error that says so, never a short answer.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	if err := sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 300)); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(file) / 3; i < len(file); i++ {
		file[i] = 0xa5
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	store = mustOpen(t, path)
	_, err = sink.Verify(t.Context(), store, nil)
	wantRetry(t, err, "the file is damaged")
	wantRetry(t, sink.New(store, sink.Options{}).Stories(t.Context(), batch(0, 300)), "the file is damaged")
}

package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// VisitorStore names, in the environment, the store that the test binary opens instead of running tests.
const VisitorStore = "SPYWIRE_TEST_VISITOR_STORE"

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

// TestOpenErrors opens what is no store of ours. Every error names the path and what is wrong with it.
func TestOpenErrors(t *testing.T) {
	write := func(name string, content []byte) func(t *testing.T, dir string) string {
		return func(t *testing.T, dir string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	for _, c := range []struct {
		name      string
		make      func(t *testing.T, dir string) string
		says      string // by Open; empty if it works
		saysToRO  string // by OpenReadOnly
		untouched bool   // the file must stay as it was
	}{
		{"no directory", func(_ *testing.T, dir string) string { return filepath.Join(dir, "none", "s.db") }, "no such file or directory", "no such file", false},
		{"directory is a file", func(t *testing.T, dir string) string { return filepath.Join(write("f", nil)(t, dir), "s.db") }, "is not a directory", "not a directory", false},
		{"is a directory", func(_ *testing.T, dir string) string { return dir }, "is a directory", "is a directory", false},
		{"no file", func(_ *testing.T, dir string) string { return filepath.Join(dir, "s.db") }, "", "no such file", false},
		{"text", write("s.db", []byte(strings.Repeat("This is a letter, no database. ", 100))), "not a SQLite database", "not a SQLite database", true},
		{"empty file", write("s.db", nil), "", "holds no stories yet", false},
		{"another program's", func(t *testing.T, dir string) string {
			raw(t, filepath.Join(dir, "s.db"), "CREATE TABLE bookmarks (url)").Close()
			return filepath.Join(dir, "s.db")
		}, "database of another program", "database of another program", true},
		{"newer", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "s.db")
			mustOpen(t, path).Close()
			raw(t, path, fmt.Sprintf("PRAGMA user_version=%d", len(migrations)+1)).Close()
			return path
		}, "newer spywire", "newer spywire", true},
		{"cut off", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "s.db")
			mustOpen(t, path).Close()
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
			return path
		}, "the file is damaged", "the file is damaged", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.make(t, t.TempDir())
			before, _ := os.ReadFile(path)
			check := func(how string, s *Store, err error, says string) {
				t.Helper()
				switch {
				case err == nil && says == "":
					s.Close()
				case err == nil || says == "" || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path):
					t.Errorf("%s: %v, want it to name the path and say %q", how, err, says)
				}
			}
			s, err := OpenReadOnly(t.Context(), path, Options{})
			if err == nil && c.name == "cut off" { // reads of the schema may not reach the damage
				_, err = s.Account(t.Context())
				s.Close()
			}
			check("OpenReadOnly", s, err, c.saysToRO)
			s, err = Open(t.Context(), path, Options{})
			check("Open", s, err, c.says)
			if after, _ := os.ReadFile(path); c.untouched && string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestNotWritable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	mustOpen(t, path).Close()
	for _, mode := range []struct{ dir, file os.FileMode }{{0o555, 0o444}, {0o555, 0o644}, {0o000, 0o644}} {
		if err := errors.Join(os.Chmod(path, mode.file), os.Chmod(dir, mode.dir)); err != nil {
			t.Fatal(err)
		}
		says := openAsNobody(t, path)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(says, path) || !strings.Contains(says, "writable") && !strings.Contains(says, "permission denied") {
			t.Errorf("directory %o, file %o: %s", mode.dir, mode.file, says)
		}
	}
}

// openAsNobody is the error of opening a store in a process without root's right to write everywhere.
func openAsNobody(t *testing.T, path string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		s, err := Open(t.Context(), path, Options{})
		if err == nil {
			s.Close()
			return "no error"
		}
		return err.Error()
	}
	// The test binary and the way to the store must be open to that user.
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copied := filepath.Join(dir, "sqlite.test")
	err = errors.Join(os.WriteFile(copied, program, 0o755), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), VisitorStore+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	store := mustOpen(t, path)
	s := sink.New(store, sink.Options{})
	other := raw(t, path, "BEGIN IMMEDIATE")
	wantRetry(t, s.Stories(t.Context(), batch(0, 3)), "locked by another process")
	if _, err := store.Account(t.Context()); err != nil {
		t.Fatalf("reading beside a writer: %v", err)
	}
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stories(t.Context(), batch(0, 3)); err != nil {
		t.Fatalf("after the lock: %v", err)
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
	if err := s.Stories(t.Context(), batch(2, 3)); err != nil {
		t.Fatal(err)
	}
}

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// VisitorStore names, in the environment, the store that the test binary opens instead of running tests.
const VisitorStore = "SPYWIRE_TEST_VISITOR_STORE"

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
				_, err = s.Outcomes(t.Context())
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
	openAs := unprivileged(t)
	for _, mode := range []struct{ dir, file os.FileMode }{{0o555, 0o444}, {0o555, 0o644}, {0o000, 0o644}, {0o777, 0o444}} {
		if err := errors.Join(os.Chmod(path, mode.file), os.Chmod(dir, mode.dir)); err != nil {
			t.Fatal(err)
		}
		says := openAs(path)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(says, path) || !strings.Contains(says, "writable") && !strings.Contains(says, "permission denied") {
			t.Errorf("directory %o, file %o: %s", mode.dir, mode.file, says)
		}
	}
}

// unprivileged gives a function that opens a store without root's right to write everywhere and returns the error.
func unprivileged(t *testing.T) func(path string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return func(path string) string {
			s, err := Open(t.Context(), path, Options{})
			if err == nil {
				return fmt.Sprint("no error; ", s.Close())
			}
			return err.Error()
		}
	}
	// Another process as another user, to whom the test binary must be open.
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
	return func(path string) string {
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
}

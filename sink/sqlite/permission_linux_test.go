package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"github.com/spywire/spywire/sink"
)

// The ioctls and the flag of chattr +i (linux/fs.h).
const (
	getFlags  = 0x80086601
	setFlags  = 0x40086602
	immutable = 0x10
)

// forbid takes from everybody, root and who has it open included, the right to write a file, or gives it back.
func forbid(path string, on bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	flags := 0
	call := func(request uintptr) error {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(&flags))); no != 0 { //nolint:gosec // as the call wants it
			return no
		}
		return nil
	}
	if err := call(getFlags); err != nil {
		return err
	}
	if flags &^= immutable; on {
		flags |= immutable
	}
	return call(setFlags)
}

// forbidding skips a test where the file system lets those write on who have a file open.
func forbidding(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = forbid(f.Name(), true)
	_, wrote := f.WriteString("x")
	if err := errors.Join(err, forbid(f.Name(), false)); err != nil || wrote == nil {
		t.Skipf("the file system takes nobody the right to write a file that is open (%v, %v)", err, wrote)
	}
}

// TestPermissionLost takes from an open store the right to write its files: what cannot be written is refused and worth another try,
// what was written is there, and once the right is back the same batch is stored.
func TestPermissionLost(t *testing.T) {
	dir := t.TempDir()
	forbidding(t, dir)
	path := filepath.Join(dir, "s.db")
	store := mustOpen(t, path)
	s := sink.New(store, sink.Options{})
	if err := s.Stories(t.Context(), batch(0, 20)); err != nil {
		t.Fatal(err)
	}
	files := []string{path, path + "-wal"}
	set := func(on bool) {
		t.Helper()
		for _, file := range files {
			if err := forbid(file, on); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() {
		for _, file := range files {
			_ = forbid(file, false) // or the directory stays; it is gone if the store was closed
		}
	})
	for first := 20; first < 60; first += 20 {
		set(true)
		for range 2 {
			wantRetry(t, s.Stories(t.Context(), batch(first, 20)), "may not be written any longer")
		}
		wantRetry(t, store.Ping(t.Context()), "no write has succeeded since")
		if report, err := sink.Verify(t.Context(), store, nil); err != nil || report.Stories != first { // it can be read meanwhile
			t.Fatalf("%d stories, want %d: %v", report.Stories, first, err)
		}
		set(false)
		if err := errors.Join(s.Stories(t.Context(), batch(first, 20)), store.Ping(t.Context())); err != nil {
			t.Fatalf("after the right was given back: %v", err)
		}
	}
	report, err := sink.Verify(t.Context(), store, nil)
	if err != nil || report.Stories != 60 {
		t.Fatalf("%d stories, want 60: %v", report.Stories, err)
	}
}

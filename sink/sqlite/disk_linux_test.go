package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/spywire/spywire/sink"
)

// TestFullDisk fills the file system of a store: what does not fit is refused and worth another try, and once there is room
// the same batch is stored.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		if os.Geteuid() == 0 || os.Getenv("CI") != "" {
			t.Fatalf("a disk of its own to fill: %v", err)
		}
		t.Skipf("a disk of its own to fill needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	store := mustOpen(t, filepath.Join(dir, "s.db"))
	s := sink.New(store, sink.Options{})
	if err := s.Stories(t.Context(), batch(0, 20)); err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4<<10); err == nil; {
		_, err = filler.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	stored := 20
	for err = nil; err == nil && stored < 10_000; { // the log has some room from before
		if err = s.Stories(t.Context(), batch(stored, 20)); err == nil {
			stored += 20
		}
	}
	wantRetry(t, err, "full")
	wantRetry(t, store.Ping(t.Context()), "no write has succeeded since")
	report, err := sink.Verify(t.Context(), store, nil) // it can be read meanwhile
	if err != nil || report.Stories != stored {
		t.Fatalf("%d stories, want %d: %v", report.Stories, stored, err)
	}
	if err := errors.Join(filler.Close(), os.Remove(filler.Name())); err != nil {
		t.Fatal(err)
	}
	if err := s.Stories(t.Context(), batch(stored, 20)); err != nil {
		t.Fatalf("after room was made: %v", err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err = sink.Verify(t.Context(), store, nil)
	if err != nil || report.Stories != stored+20 {
		t.Fatalf("%d stories, want %d: %v", report.Stories, stored+20, err)
	}
}

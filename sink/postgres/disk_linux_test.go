package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// TestFullDisk has the tables on a file system of their own and fills it: what does not fit is refused and worth another try,
// and once there is room the same batch is stored, by the same connections.
func TestFullDisk(t *testing.T) {
	if server == nil {
		database(t) // says what is missing
	}
	dir, err := os.MkdirTemp("", "spywire-disk-") //nolint:usetesting // another user has to get at it
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=40m"); err != nil {
		if os.Geteuid() == 0 || os.Getenv("CI") != "" {
			t.Fatalf("a disk of its own to fill: %v", err)
		}
		t.Skipf("a disk of its own to fill needs the right to mount: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	space := filepath.Join(dir, "space")
	must(t, os.Mkdir(space, 0o700))
	if info, err := os.Stat(server.Dir); err == nil { // whose the server is
		owner := info.Sys().(*syscall.Stat_t)
		must(t, os.Chown(space, int(owner.Uid), int(owner.Gid)))
		must(t, os.Chmod(dir, 0o755))
	}
	dsn := database(t)
	must(t, server.Exec(t.Context(), "postgres", fmt.Sprintf("CREATE TABLESPACE small LOCATION '%s'", space)))
	must(t, server.Exec(t.Context(), "postgres", "ALTER DATABASE "+databaseOf(t, dsn)+" SET TABLESPACE small"))
	t.Cleanup(func() { // before the disk goes
		for _, statement := range []string{"DROP DATABASE " + databaseOf(t, dsn), "DROP TABLESPACE small"} {
			must(t, server.Exec(context.WithoutCancel(t.Context()), "postgres", statement))
		}
	})
	store := open(t, dsn)
	s := sink.New(store, sink.Options{})
	must(t, s.Stories(t.Context(), batch(0, 20)))
	filler, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for block := make([]byte, 4<<10); err == nil; {
		_, err = filler.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	large := func(n int) (all []story.Story) {
		for _, one := range batch(n, 20) {
			all = append(all, sinktest.WithText(one, fmt.Sprint("Title ", n), strings.Repeat(fmt.Sprint("Word ", n, " "), 1000)))
		}
		return all
	}
	stored := 20
	for err = nil; err == nil && stored < 10_000; { // pages that are there have room
		if err = s.Stories(t.Context(), large(stored)); err == nil {
			stored += 20
		}
	}
	wantRetry(t, err, "the server's disk is full: make room, nothing is lost")
	if !errors.Is(err, sink.ErrAway) {
		t.Errorf("%v does not say that waiting helps", err)
	}
	wantRetry(t, store.Ping(t.Context()), "the server's disk is full")
	must(t, filler.Close())
	must(t, os.Remove(filler.Name()))
	must(t, s.Stories(t.Context(), large(stored)))
	must(t, store.Ping(t.Context()))
	report, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	if report.Stories != stored+20 {
		t.Errorf("%d stories, want %d", report.Stories, stored+20)
	}
}

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	command "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres/cluster"
	"github.com/spywire/spywire/sink/sinktest"
)

// disk is a file system of so many megabytes in a directory of the server's user.
func disk(t *testing.T, megabytes int) string {
	t.Helper()
	if server == nil {
		database(t) // says what is missing
	}
	dir, err := os.MkdirTemp("", "spywire-disk-") //nolint:usetesting // another user has to get at it
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		if os.Geteuid() == 0 || os.Getenv("CI") != "" {
			t.Fatalf("a disk of its own to fill: %v", err)
		}
		t.Skipf("a disk of its own to fill needs the right to mount: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	info, err := os.Stat(server.Dir) // whose the server is
	must(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	must(t, os.Chown(dir, int(owner.Uid), int(owner.Gid)))
	return dir
}

// fill fills a file system with a file, which it gives.
func fill(t *testing.T, dir string) *os.File {
	t.Helper()
	filler, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for block := make([]byte, 4<<10); err == nil; {
		_, err = filler.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return filler
}

// large is a batch whose texts no page has room for.
func large(n int) (all []story.Story) {
	for _, one := range batch(n, 20) {
		all = append(all, sinktest.WithText(one, fmt.Sprint("Title ", n), strings.Repeat(fmt.Sprint("Word ", n, " "), 1000)))
	}
	return all
}

// TestFullDisk has the tables on a file system of their own and fills it: what does not fit is refused and worth another try,
// and once there is room the same batch is stored, by the same connections.
func TestFullDisk(t *testing.T) {
	dir := disk(t, 40)
	space := filepath.Join(dir, "space")
	must(t, os.Mkdir(space, 0o700))
	info, err := os.Stat(dir)
	must(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	must(t, os.Chown(space, int(owner.Uid), int(owner.Gid)))
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
	filler := fill(t, dir)
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

// TestFullLog has a server's log of changes on a file system of its own and fills it: the server goes down, and cannot come
// back as long as there is no room. The store is away meanwhile, and when the server is back the same batch is stored, once.
func TestFullLog(t *testing.T) {
	dir := disk(t, 80)
	own, err := cluster.New(t.Context()) // whatever comes of it, the other tests have theirs
	must(t, err)
	t.Cleanup(func() { must(t, own.Remove()) })
	dsn, err := own.Create(t.Context(), "full_log")
	must(t, err)
	store := open(t, dsn)
	s := sink.New(store, sink.Options{})
	must(t, s.Stories(t.Context(), batch(0, 20)))
	must(t, own.Stop())
	log, away := filepath.Join(own.Dir, "data", "pg_wal"), filepath.Join(dir, "pg_wal")
	if out, err := command.Command("cp", "-a", log, away).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.RemoveAll(log))
	must(t, os.Symlink(away, log))
	must(t, own.Start(t.Context()))
	again(t, func() bool { return s.Stories(t.Context(), batch(20, 20)) == nil })
	filler := fill(t, dir)
	stored := 40
	for err == nil && stored < 100_000 { // the file of the log that is there has room
		if err = s.Stories(t.Context(), large(stored)); err == nil {
			stored += 20
		}
	}
	wantRetry(t, err, "")
	again(t, func() bool {
		err := s.Stories(t.Context(), large(stored))
		wantRetry(t, err, "")
		return errors.Is(err, sink.ErrAway) && errors.Is(store.Ping(t.Context()), sink.ErrAway)
	})
	if !strings.Contains(own.Said(), "No space left on device") {
		t.Errorf("the server said:\n%s", own.Said())
	}
	must(t, filler.Close())
	must(t, os.Remove(filler.Name()))
	_ = own.Stop() // it has ended by itself
	must(t, own.Start(t.Context()))
	again(t, func() bool { return s.Stories(t.Context(), large(stored)) == nil })
	must(t, store.Ping(t.Context()))
	report, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	if report.Stories != stored+20 || !report.OK() {
		t.Errorf("%d stories, want %d: %v", report.Stories, stored+20, report.Faults)
	}
}

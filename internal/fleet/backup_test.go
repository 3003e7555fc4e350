package fleet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// A backup is taken while the pipeline stores stories; then it goes on, is killed, and its store is lost. With the backup in
// its place and what the streams have kept the store has every story once, and what was forgotten after the backup stays so.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	room, addr := startNewsroom(t, corpus)
	f := newFleet(t, fleet.Options{Newsroom: addr, Feeds: room.Feeds()})
	sinks := start(t, f, "sink", "fetcher", "parser", "classifier")
	command := func(args ...string) string {
		t.Helper()
		out, err := f.Spywire(t.Context(), args...)
		if err != nil {
			t.Fatalf("spywire %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	ids := func() map[story.ID]bool {
		t.Helper()
		reader, err := f.OpenStore(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		found := map[story.ID]bool{}
		for r, err := range reader.Stories(t.Context(), sink.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			found[r.ID] = true
		}
		return found
	}
	if err := sinks[0].Until(t.Context(), time.Minute, func() bool { return len(ids()) >= 3 }); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	refused := func(says string, args ...string) {
		t.Helper()
		if _, err := f.Spywire(t.Context(), args...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("spywire %s: %v, want %q", strings.Join(args, " "), err, says)
		}
	}
	command("backup", backup)
	refused("is there already", "backup", backup)
	refused("belongs to the sink", "restore", backup)

	final(t, f, room)
	var forgotten story.ID
	for id := range ids() {
		forgotten = id
		break
	}
	command("forget", "--yes", string(forgotten))
	before := ids()
	sinks[0].Kill()
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(damaged, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("nothing was changed", "restore", damaged)
	t.Log(command("restore", backup))
	restored := len(ids())
	if err := sinks[0].Start(); err != nil {
		t.Fatal(err)
	}
	if err := sinks[0].UntilReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log(command("replay", "--missing"))
	after := ids()
	for id := range before {
		if !after[id] {
			t.Errorf("story %s is lost", id)
		}
	}
	for id := range after {
		if !before[id] {
			t.Errorf("story %s is new, forgotten: %t", id, id == forgotten)
		}
	}
	if out := command("replay", "--missing"); !strings.HasPrefix(out, "0 stories stored, 0 URLs") {
		t.Errorf("once more: %s", out)
	}
	command("verify")
	tombstones := filepath.Join(t.TempDir(), "tombstones.jsonl")
	if err := os.WriteFile(tombstones, []byte(command("export", "tombstones")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := command("forget", "--yes", "--from", tombstones); out != "0 of 1 tombstones set, the others were there\n" {
		t.Errorf("tombstones: %s", out)
	}
	t.Logf("%d stories, %d of them from the backup", len(after), restored)
}

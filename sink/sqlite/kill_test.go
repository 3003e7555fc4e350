package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

// The environment under which the test binary is the victim of TestKill.
const (
	victimStore = "SPYWIRE_TEST_VICTIM_STORE"
	victimFirst = "SPYWIRE_TEST_VICTIM_FIRST"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(victimStore); path != "" {
		first, err := strconv.Atoi(os.Getenv(victimFirst))
		if err == nil {
			err = victim(path, first)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if path := os.Getenv(sqlite.VisitorStore); path != "" {
		_, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		fmt.Println(err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const killBatch = 20

// victim stores batches until it is killed and prints the number of the next story after each.
func victim(path string, first int) error {
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	s := sink.New(store, sink.Options{})
	for n := first; ; n += killBatch {
		var stories []story.Story
		var entries []story.LedgerEntry
		for i := n; i < n+killBatch; i++ {
			stories = append(stories, sinktest.Story(i))
			entries = append(entries, sinktest.Entry(i, story.StageFetcher, story.Listed))
		}
		if err := s.Ledger(context.Background(), entries); err != nil {
			return err
		}
		if err := s.Stories(context.Background(), stories); err != nil {
			return err
		}
		fmt.Println(n + killBatch)
	}
}

// TestKill kills a writing process with SIGKILL again and again. Each successor begins with the batch before the
// last acknowledged one, as after lost acks. What was acknowledged is there, once; nothing is there by half.
func TestKill(t *testing.T) {
	path, acked := filepath.Join(t.TempDir(), "spywire.db"), 0
	for round := range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victimStore+"="+path, victimFirst+"="+strconv.Itoa(max(0, acked-2*killBatch)))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for batches := 0; lines.Scan(); batches++ {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatal(err)
			}
			acked = max(acked, n)
			if batches == 3 {
				time.AfterFunc(time.Duration(5+7*round)*time.Millisecond, func() {
					if err := cmd.Process.Kill(); err != nil {
						t.Error(err)
					}
				})
			}
		}
		if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Fatalf("the victim ended by itself: %v", err)
		}
	}
	store := open(t, path, sqlite.Options{})
	for n := range acked {
		id := sinktest.Story(n).ID
		v, err := store.Story(t.Context(), id)
		if err != nil {
			t.Fatalf("acknowledged story %d of %d: %v", n, acked, err)
		}
		current, events, err := store.Life(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Version != 1 || current.Outcome != story.Stored || len(events) != 2 {
			t.Fatalf("story %d: version %d, events %+v", n, v.Version, events)
		}
	}
	report, err := sink.Verify(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Stories < acked || report.Versions != report.Stories || report.Stories%killBatch != 0 {
		t.Fatalf("%d acknowledged: %+v", acked, report)
	}
	t.Logf("%d stories acknowledged over 6 kills, %d stored", acked, report.Stories)
}

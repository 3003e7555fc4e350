package sinktest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/search"
)

// The environment under which a test binary is the victim of TestKill: where its store is, the first story and the end.
const (
	victimStore = "SPYWIRE_TEST_VICTIM_STORE"
	victimFirst = "SPYWIRE_TEST_VICTIM_FIRST"
	victimEnd   = "SPYWIRE_TEST_VICTIM_END"
)

// KillRecords names, in the environment, how many records TestKill stores; KillSmall of them without it.
const KillRecords = "SPYWIRE_TEST_KILL_RECORDS"

// KillSmall is enough records for ten kills.
const KillSmall = 1200

// Victim is for TestMain: in a process that TestKill has started it stores batches until it is killed, or done, and
// returns true. It says after each how far it has come, and gets over a database that is restarted.
func Victim(open func(ctx context.Context, where string) (sink.Store, error)) bool {
	where := os.Getenv(victimStore)
	if where == "" {
		return false
	}
	first, _ := strconv.Atoi(os.Getenv(victimFirst))
	end, _ := strconv.Atoi(os.Getenv(victimEnd))
	ctx := context.Background()
	try := func(f func() error) {
		for {
			err := f()
			if err == nil {
				return
			}
			fmt.Fprintln(os.Stderr, "victim:", err)
			time.Sleep(50 * time.Millisecond)
		}
	}
	var store sink.Store
	try(func() (err error) { store, err = open(ctx, where); return err })
	s := sink.New(store, sink.Options{})
	for n := first; n < end; {
		stop := min(n+20, end)
		var stories []story.Story
		var entries []story.LedgerEntry
		for i := n; i < stop; i++ {
			stories = append(stories, Story(i))
			entries = append(entries, Entry(i, story.StageFetcher, story.Listed))
		}
		try(func() error { return s.Ledger(ctx, entries) })
		try(func() error { return s.Stories(ctx, stories) })
		n = stop
		fmt.Println(n)
		if index, ok := store.(search.Builder); ok { // where the kill comes, sooner or later
			try(func() error { return index.BuildSearch(ctx, nil) })
		}
	}
	return true
}

// Kill has a process of this test binary store records, kills it ten times with SIGKILL at different moments of a batch,
// and calls restart, unless it is nil, at two other moments. Each successor begins two batches before the last
// acknowledged one, as after lost acknowledgements. Then the store that open gives has every record once, and the
// ledger is exact, and so is the search index.
func Kill(t *testing.T, where string, restart func(), open func() sink.Store) {
	records := KillSmall
	if text := os.Getenv(KillRecords); text != "" {
		n, err := strconv.Atoi(text)
		must(t, err)
		records = n
	}
	const kills = 10
	acked, killed, restarted := 0, 0, 0
	// live is one life of the victim, which ends at end or soon after the first acknowledgement past kill.
	live := func(end, kill int) {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), victimStore+"="+where, victimFirst+"="+strconv.Itoa(max(0, acked-40)), victimEnd+"="+strconv.Itoa(end))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		hit := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			must(t, err)
			acked = max(acked, n)
			if restart != nil && restarted < 2 && acked >= records*(2*restarted+1)/4 {
				restarted++
				restart()
			}
			if !hit && acked >= kill {
				hit = true
				time.AfterFunc(time.Duration(7*killed)*time.Millisecond/2, func() { _ = cmd.Process.Kill() }) // it may have ended
			}
		}
		if err := cmd.Wait(); hit && (err == nil || err.Error() != "signal: killed") || !hit && err != nil {
			t.Fatalf("the victim ended by itself at %d of %d: %v", acked, end, err)
		}
	}
	for ; killed < kills; killed++ {
		live(1<<30, records*(killed+1)/(kills+2)) // however late the kill comes, there is work left
	}
	records = max(records, acked+40) // all that may have been stored without a word of it
	live(records, 1<<30)
	store := open()
	report, err := sink.Verify(t.Context(), store, nil)
	must(t, err)
	equal(t, "the account", report.Account, sink.Account{Listed: records, Outcomes: map[story.Outcome]int{story.Stored: records}})
	equal(t, "faults, stories and versions", []any{report.Faults, report.Stories, report.Versions}, []any{[]sink.Fault{}, records, records})
	events := 0
	for h, err := range store.Holdings(t.Context()) {
		must(t, err)
		events += len(h.Events)
	}
	equal(t, "steps: each was listed and stored", events, 2*records)
	WantIndex(t, searchable(t, store))
	t.Logf("%d records over %d kills and %d restarts of the database", records, killed, restarted)
}

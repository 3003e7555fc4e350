package postgres_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres/cluster"
	"github.com/spywire/spywire/sink/sinktest"
)

// batch is n stories, numbered from first.
func batch(first, n int) (all []story.Story) {
	for i := range n {
		all = append(all, sinktest.Story(first+i))
	}
	return all
}

// wantRetry fails unless err is worth trying again, says what it should and has no password.
func wantRetry(t *testing.T, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hun") {
		t.Fatalf("error is %v, want it to say %q", err, says)
	}
	if fault.Of(err).Action != fault.Retry || errors.Is(err, sink.ErrRecord) {
		t.Fatalf("%v would cost records", err)
	}
}

// again calls try until it says that it is done.
func again(t *testing.T, try func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !try(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within three minutes")
		}
	}
}

// disconnect ends all connections to a database, so that the next ones find it as it is now.
func disconnect(t *testing.T, dsn string) {
	t.Helper()
	must(t, server.Exec(t.Context(), "postgres",
		"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '"+databaseOf(t, dsn)+"'"))
}

// TestTrouble has a store meet a fault and get over it: what was refused is worth another try, Ping says why, and once
// it is mended the same batch is stored, once.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		name, says  string
		spoil, mend func(t *testing.T, dsn string)
	}{
		{"gone", "the store is away", func(t *testing.T, _ string) { must(t, server.Stop()) },
			func(t *testing.T, _ string) { must(t, server.Start(t.Context())) }},
		{"killed", "the store is away", func(t *testing.T, _ string) { server.Kill() },
			func(t *testing.T, _ string) { must(t, server.Start(t.Context())) }},
		{"read-only", "the server takes no writes", func(t *testing.T, dsn string) {
			exec(t, dsn, "ALTER DATABASE "+databaseOf(t, dsn)+" SET default_transaction_read_only = on")
			disconnect(t, dsn)
		}, func(t *testing.T, dsn string) {
			must(t, server.Exec(t.Context(), "postgres", "ALTER DATABASE "+databaseOf(t, dsn)+" RESET default_transaction_read_only"))
			disconnect(t, dsn)
		}},
		{"a standby", "the server takes no writes: it is a standby", func(t *testing.T, _ string) {
			must(t, server.Stop())
			must(t, os.WriteFile(filepath.Join(server.Dir, "data", "standby.signal"), nil, 0o644))
			must(t, server.Start(t.Context()))
		}, func(t *testing.T, _ string) {
			must(t, server.Exec(t.Context(), "postgres", "SELECT pg_promote(true, 60)"))
		}},
		{"wrong password", "refuses the user or the password", func(t *testing.T, dsn string) {
			exec(t, dsn, "ALTER ROLE "+cluster.Guarded+" PASSWORD 'changed'")
			disconnect(t, dsn)
		}, func(t *testing.T, dsn string) { exec(t, dsn, "ALTER ROLE "+cluster.Guarded+" PASSWORD '"+secret+"'") }},
		{"a right lost", "the user lacks a right", func(t *testing.T, dsn string) {
			exec(t, dsn, "ALTER TABLE ledger OWNER TO "+cluster.Owner)
		}, func(t *testing.T, dsn string) { exec(t, dsn, "ALTER TABLE ledger OWNER TO "+cluster.Guarded) }},
		{"out of connections", "no connection left", func(t *testing.T, dsn string) {
			exec(t, dsn, "ALTER ROLE "+cluster.Guarded+" CONNECTION LIMIT 0")
			disconnect(t, dsn)
		}, func(t *testing.T, dsn string) { exec(t, dsn, "ALTER ROLE "+cluster.Guarded+" CONNECTION LIMIT -1") }},
		{"a table gone", "a table of spywire is gone", func(t *testing.T, dsn string) { exec(t, dsn, "ALTER TABLE ledger RENAME TO away") },
			func(t *testing.T, dsn string) { exec(t, dsn, "ALTER TABLE away RENAME TO ledger") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn := database(t)
			store := open(t, withPassword(t, guarded(t, dsn), secret))
			s := sink.New(store, sink.Options{})
			must(t, s.Stories(t.Context(), batch(0, 20)))
			c.spoil(t, dsn)
			// A connection that the server has closed meanwhile shows first, with an error of its own.
			again(t, func() bool {
				err := s.Stories(t.Context(), batch(10, 20))
				wantRetry(t, err, "")
				return strings.Contains(err.Error(), c.says)
			})
			wantRetry(t, store.Ping(t.Context()), c.says)
			c.mend(t, dsn)
			again(t, func() bool { return s.Stories(t.Context(), batch(10, 20)) == nil })
			must(t, store.Ping(t.Context()))
			report, err := sink.Verify(t.Context(), store, nil)
			must(t, err)
			if report.Stories != 30 || !report.OK() {
				t.Fatalf("%+v", report)
			}
		})
	}
}

// TestRefusedRecord has the database refuse one record of a batch for what it is.
func TestRefusedRecord(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	exec(t, dsn, "ALTER TABLE stories ADD CHECK (title <> 'Refused')")
	s := sink.New(store, sink.Options{})
	bad := sinktest.WithText(sinktest.Story(1), "Refused", "Some text.")
	if err := s.Stories(t.Context(), append(batch(2, 3), bad)); err == nil || fault.Of(err).Action != fault.Retry {
		t.Fatalf("a batch with a refused record: %v", err)
	}
	if err := s.Stories(t.Context(), []story.Story{bad}); fault.Of(err).Action != fault.Settle {
		t.Fatalf("the refused record alone: %v", err)
	}
	must(t, store.Ping(t.Context()))
	must(t, s.Stories(t.Context(), batch(2, 3)))
}

// TestLongTexts stores what is longer than an entry of an index may be, and labels that are named twice.
func TestLongTexts(t *testing.T) {
	store := open(t, database(t))
	s := sink.New(store, sink.Options{})
	long := sinktest.Entry(1, story.StageParser, story.NoText)
	for i := range 3000 { // compression must not make it short again
		long.Reason += string(rune('一' + (i*7919)%20000))
	}
	long.Feed, long.URL = "https://herald.example/"+long.Reason, "https://herald.example/"+long.Reason
	other := long
	other.Reason += "!"
	must(t, s.Ledger(t.Context(), []story.LedgerEntry{long, other, long}))
	_, events, err := store.Life(t.Context(), long.ID)
	must(t, err)
	if len(events) != 2 || events[0].Feed != long.Feed {
		t.Errorf("%d events", len(events))
	}
	twice := sinktest.Story(2)
	twice.Labels = append(twice.Labels, twice.Labels...)
	must(t, s.Stories(t.Context(), []story.Story{twice}))
}

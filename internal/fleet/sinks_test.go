package fleet_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres/cluster"
)

// Two sinks on one PostgreSQL, one of them killed, and so are NATS and the database: nothing is lost, nothing twice.
func TestTwoSinksOnePostgreSQL(t *testing.T) {
	server, err := cluster.New(t.Context())
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Remove(); err != nil {
			t.Error(err)
		}
	})
	dsn, err := server.Create(t.Context(), "stories")
	if err != nil {
		t.Fatal(err)
	}
	room, addr := startNewsroom(t, corpus)
	f := newFleet(t, fleet.Options{Newsroom: addr, Feeds: room.Feeds(), Store: dsn})
	workers := start(t, f, "sink", "sink", "fetcher", "parser", "classifier")

	f.NATS.Kill()
	workers[0].Kill()
	if err := f.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	for _, again := range []func() error{func() error { return server.Start(t.Context()) }, workers[0].Start} {
		if err := again(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Settle(t.Context(), room.Expectations(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := f.Drain(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := workers[0].UntilReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := f.Spywire(t.Context(), "verify"); err != nil {
		t.Fatalf("verify: %v: %s", err, out)
	}
	store, err := f.OpenStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	report, err := sink.Verify(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Stories < 30 {
		t.Errorf("%+v", report)
	}
	t.Logf("%d stories, %d spans, %d URLs listed: %v", report.Stories, report.Spans, report.Account.Listed, report.Account.Outcomes)
}

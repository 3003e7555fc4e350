package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/postgres/cluster"
	"github.com/spywire/spywire/sink/sinktest"
)

// server is the one of all tests here, nil where PostgreSQL is not installed.
var server *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if sinktest.Victim(func(ctx context.Context, dsn string) (sink.Store, error) {
		s, err := postgres.Open(ctx, dsn)
		if err != nil {
			return nil, err
		}
		s.SetSegments(100, 1000, 1_000_000)
		return s, nil
	}) {
		return 0
	}
	var err error
	server, err = cluster.New(context.Background())
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("CI") == "" {
		return m.Run() // every test says what it lacks
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := server.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

var databases atomic.Int64

// database is the DSN of an empty database.
func database(t testing.TB) string {
	t.Helper()
	if server == nil {
		t.Skip(cluster.ErrMissing)
	}
	dsn, err := server.Create(t.Context(), fmt.Sprintf("test_%d", databases.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// open is a store that is closed when the test ends.
func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sink.Store { return open(t, database(t)) })
}

// tended is a store that puts its stories into tiny segments of its index of phrases with every batch.
type tended struct{ *postgres.Store }

// Update implements sink.Store.
func (s tended) Update(ctx context.Context, ids []story.ID, change sink.Planner) error {
	if err := s.Store.Update(ctx, ids, change); err != nil {
		return err
	}
	return s.BuildSearch(ctx, nil)
}

// TestSearchInSegments is what the contract says of the search index where hardly a story is left open, and segments are put together all
// the time.
func TestSearchInSegments(t *testing.T) {
	sinktest.RunSearch(t, func(t *testing.T) sink.Store {
		s := tended{open(t, database(t))}
		s.SetSegments(2, 12, 80)
		return s
	})
}

// TestBatchesSideBySide has a batch of one sink wait for another's, of 200 other ids, which waits for nobody.
func TestBatchesSideBySide(t *testing.T) {
	dsn := database(t)
	one, other := open(t, dsn), open(t, dsn)
	must(t, one.Update(t.Context(), ids(0, 200), func(map[story.ID]sink.State) (sink.Changes, error) {
		return sink.Changes{}, sink.New(other, sink.Options{}).Stories(t.Context(), batch(200, 200))
	}))
}

func ids(first, n int) (all []story.ID) {
	for _, s := range batch(first, n) {
		all = append(all, s.ID)
	}
	return all
}

// TestBatchesReadByKey stores what a server knows no statistics of yet: it reads no table from end to end.
func TestBatchesReadByKey(t *testing.T) {
	dsn := database(t)
	store := open(t, dsn)
	for _, table := range []string{"stories", "story_versions", "ledger", "ledger_events"} {
		exec(t, dsn, "ALTER TABLE "+table+" SET (autovacuum_enabled = off)")
	}
	s := sink.New(store, sink.Options{})
	for n := 0; n < 1000; n += 200 {
		must(t, s.Stories(t.Context(), batch(n, 200)))
		must(t, s.Stories(t.Context(), batch(n, 200)))
	}
	must(t, store.Close()) // its connections tell what they did when they end
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	again(t, func() (alone bool) {
		must(t, conn.QueryRow(t.Context(), "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'").Scan(&alone))
		return alone
	})
	var whole string
	must(t, conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(relname || ' ' || seq_scan, ', '), '') FROM pg_stat_user_tables
		WHERE relname IN ('story_versions', 'ledger', 'ledger_events') AND seq_scan > (SELECT count(*) FROM pg_index WHERE indrelid = relid)`).Scan(&whole)) // each was made by one
	if whole != "" {
		t.Errorf("read from end to end: %s", whole)
	}
}

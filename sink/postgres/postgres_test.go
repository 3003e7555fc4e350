package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/postgres"
	"github.com/spywire/spywire/sink/postgres/cluster"
	"github.com/spywire/spywire/sink/sinktest"
)

// server is the one of all tests here, nil where PostgreSQL is not installed.
var server *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if sinktest.Victim(func(ctx context.Context, dsn string) (sink.Store, error) { return postgres.Open(ctx, dsn) }) {
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

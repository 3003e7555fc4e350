package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
	"github.com/spywire/spywire/sink/sqlite"
)

func TestMain(m *testing.M) {
	if sinktest.Victim(func(ctx context.Context, path string) (sink.Store, error) {
		return sqlite.Open(ctx, path, sqlite.Options{})
	}) {
		return
	}
	if path := os.Getenv(sqlite.VisitorStore); path != "" {
		_, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		fmt.Println(err)
		return
	}
	os.Exit(m.Run())
}

func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spywire.db")
	sinktest.Kill(t, path, nil, func() sink.Store { return open(t, path, sqlite.Options{}) })
}
